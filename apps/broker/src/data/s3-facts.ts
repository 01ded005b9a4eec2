/**
 * What an S3 server says of an object, as the port shows it. Pure.
 */
import type { GetObjectCommandOutput, HeadObjectCommandOutput } from '@aws-sdk/client-s3'
import type { ListedPage, ObjectDigest, ObjectFacts, OpenedObject } from './object-store.ts'

/** Undefined where the server does not say how large it is. */
export function factsOf(url: string, said: HeadObjectCommandOutput): ObjectFacts | undefined {
  if (said.ContentLength === undefined) return undefined
  return {
    url,
    bytes: said.ContentLength,
    digests: digestsOf(said),
    ...(said.ETag !== undefined && { etag: said.ETag }),
    ...timeOf(said.LastModified),
  }
}

interface Listed {
  readonly Key?: string | undefined
  readonly Size?: number | undefined
  readonly ETag?: string | undefined
  readonly LastModified?: Date | undefined
}

/** `urlOf`: of the object with a key; undefined for one that was not asked for. Keys that end in a slash and hold nothing are folders. `next` is a key. */
export function pageOf(listed: readonly Listed[], isCut: boolean, urlOf: (key: string) => string | undefined): ListedPage {
  const objects = listed.flatMap(({ Key, Size, ETag, LastModified }): ObjectFacts[] => {
    const url = Key === undefined ? undefined : urlOf(Key)
    if (url === undefined || Size === undefined || (url.endsWith('/') && Size === 0)) return []
    const etag = ETag !== undefined && { etag: ETag }
    return [{ url, bytes: Size, digests: versionOf(ETag), ...etag, ...timeOf(LastModified) }]
  })
  const last = listed.at(-1)?.Key
  const goesOn = isCut && last !== undefined && urlOf(last) !== undefined
  return { objects, ...(goesOn && { next: last }) }
}

/** Where in the object the bytes are that are sent now; undefined where that cannot be told. */
export function spanOf(
  said: Pick<GetObjectCommandOutput, 'ContentRange' | 'ContentLength' | 'ETag'>,
): Omit<OpenedObject, 'bytes'> | undefined {
  const etag = said.ETag !== undefined && { etag: said.ETag }
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(said.ContentRange ?? '') ?? []
  if (first !== undefined && last !== undefined && total !== undefined) {
    return { from: Number(first), length: Number(last) - Number(first) + 1, total: Number(total), ...etag }
  }
  if (said.ContentRange !== undefined || said.ContentLength === undefined) return undefined
  return { from: 0, length: said.ContentLength, total: said.ContentLength, ...etag }
}

const MD5 = /^[0-9a-f]{32}$/i
const NAMES = [
  ['ChecksumSHA256', 'sha-256'],
  ['ChecksumSHA1', 'sha1'],
  ['ChecksumCRC64NVME', 'crc64nvme'],
  ['ChecksumCRC32C', 'crc32c'],
  ['ChecksumCRC32', 'crc32'],
] as const

/** The tag of an object that was written at once, and is not coded by a key, is its MD5; of any other it is a name of the version. */
function digestsOf(said: HeadObjectCommandOutput): readonly ObjectDigest[] {
  const tag = bare(said.ETag)
  const inParts = (said.PartsCount ?? 1) > 1 || tag?.includes('-') === true
  const isWhole = said.ChecksumType === 'FULL_OBJECT' || (said.ChecksumType === undefined && !inParts)
  const sums = isWhole
    ? NAMES.flatMap(([name, type]): ObjectDigest[] => {
        const sum = said[name]
        return sum === undefined ? [] : [{ type, checksum: Buffer.from(sum, 'base64').toString('hex') }]
      })
    : []
  const isPlain = said.SSECustomerAlgorithm === undefined && ['AES256', undefined].includes(said.ServerSideEncryption)
  if (tag !== undefined && MD5.test(tag) && !inParts && isPlain) return [...sums, { type: 'md5', checksum: tag.toLowerCase() }]
  return sums.length > 0 ? sums : versionOf(said.ETag)
}

function versionOf(etag: string | undefined): readonly ObjectDigest[] {
  const tag = bare(etag)
  return tag === undefined ? [] : [{ type: 'etag', checksum: tag }]
}

function bare(etag: string | undefined): string | undefined {
  return etag === undefined || etag === '' ? undefined : etag.replace(/^"|"$/g, '')
}

function timeOf(at: Date | undefined): { readonly modifiedAt?: number } {
  const ms = at?.getTime()
  return ms === undefined || Number.isNaN(ms) ? {} : { modifiedAt: ms }
}
