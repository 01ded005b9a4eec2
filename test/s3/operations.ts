/**
 * What a stand-in for S3 does when it is asked: one function for each operation of the API.
 */

import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { listPage } from './list.ts'
import { type Received, receive } from './payload.ts'
import { S3Refused } from './refused.ts'
import { type Bucket, readSegments, type StoredObject, type Upload } from './store.ts'
import { type Elements, readParts, writeXml } from './xml.ts'

export interface Asked {
  readonly request: IncomingMessage
  readonly bucketName: string
  readonly bucket: Bucket
  /** Empty for what is asked of the bucket. */
  readonly key: string
  readonly get: (name: string) => string | undefined
  /** How the body is signed. */
  readonly payload: string
  /** Empty where the operation takes in bytes of an object: these it reads itself. */
  readonly body: Buffer
  /** Parts but the last may not be smaller. */
  readonly minPartBytes: number
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** XML. */
  readonly text?: string
  /** Bytes of an object; their number is in the headers. */
  readonly content?: AsyncIterable<Buffer>
  /** Bytes of objects that were taken in. */
  readonly taken?: number
}

type Operation = (asked: Asked) => Answer | Promise<Answer>

const MAX_PARTS = 1000

export const OPERATIONS = {
  HeadBucket: () => ({ status: 200 }),
  ListObjectsV2: ({ bucketName, bucket, get }) => {
    if (get('list-type') !== '2') throw new S3Refused(501, 'NotImplemented', 'lists are of type 2 here')
    return xml(200, 'ListBucketResult', listPage(bucketName, bucket.objects.values(), get))
  },
  HeadObject: asked => show(asked, false),
  GetObject: asked => show(asked, true),
  PutObject: putObject,
  DeleteObject: ({ bucket, key }) => {
    bucket.objects.delete(key)
    return { status: 204 }
  },
  CreateMultipartUpload: ({ bucketName, bucket, key }) =>
    xml(200, 'InitiateMultipartUploadResult', { Bucket: bucketName, Key: key, UploadId: bucket.begin(key).id }),
  UploadPart: uploadPart,
  ListParts: listParts,
  CompleteMultipartUpload: completeUpload,
  AbortMultipartUpload: async asked => {
    await asked.bucket.giveUp(findUpload(asked))
    return { status: 204 }
  },
} as const satisfies Readonly<Record<string, Operation>>
export type OperationName = keyof typeof OPERATIONS

/** Operations that change something. */
export const WRITES: ReadonlySet<OperationName> = new Set([
  ...(['PutObject', 'DeleteObject', 'CreateMultipartUpload'] as const),
  ...(['UploadPart', 'CompleteMultipartUpload', 'AbortMultipartUpload'] as const),
])

/** Operations whose body is bytes of an object. */
export const TAKES_BYTES: ReadonlySet<OperationName> = new Set(['PutObject', 'UploadPart'])

/** Which operation a request asks for; undefined: none that is known here. */
export function nameOperation(method: string, key: string, get: Asked['get']): OperationName | undefined {
  if (key === '') return method === 'HEAD' ? 'HeadBucket' : method === 'GET' ? 'ListObjectsV2' : undefined
  const hasUpload = get('uploadId') !== undefined
  switch (method) {
    case 'HEAD':
      return 'HeadObject'
    case 'GET':
      return hasUpload ? 'ListParts' : 'GetObject'
    case 'PUT':
      return hasUpload ? 'UploadPart' : 'PutObject'
    case 'POST':
      return hasUpload ? 'CompleteMultipartUpload' : get('uploads') === undefined ? undefined : 'CreateMultipartUpload'
    case 'DELETE':
      return hasUpload ? 'AbortMultipartUpload' : 'DeleteObject'
    default:
      return undefined
  }
}

function show({ request, bucket, key, get }: Asked, withContent: boolean): Answer {
  const object = bucket.objects.get(key)
  if (!object) throw new S3Refused(404, 'NoSuchKey', 'there is no such object')
  const { headers } = request
  const ifMatch = headers['if-match']
  if (ifMatch !== undefined && !names(ifMatch, object)) throw preconditionFailed()
  const ifNoneMatch = headers['if-none-match']
  if (ifNoneMatch !== undefined && names(ifNoneMatch, object)) return { status: 304, headers: { ETag: object.etag } }
  const range = readRange(headers.range, object.bytes)
  const { from, until } = range ?? { from: 0, until: object.bytes }
  const disposition = get('response-content-disposition')
  return {
    status: range ? 206 : 200,
    headers: {
      ETag: object.etag,
      'Last-Modified': new Date(object.modifiedAt).toUTCString(),
      'Accept-Ranges': 'bytes',
      'Content-Type': get('response-content-type') ?? 'binary/octet-stream',
      'Content-Length': String(until - from),
      ...(range && { 'Content-Range': `bytes ${from}-${until - 1}/${object.bytes}` }),
      ...(disposition !== undefined && { 'Content-Disposition': disposition }),
      ...(!range && checksumHeaders(object, headers['x-amz-checksum-mode'] ?? get('x-amz-checksum-mode'))),
    },
    ...(withContent && { content: readSegments(object.segments, from, until) }),
  }
}

function checksumHeaders({ checksum }: StoredObject, mode: string | string[] | undefined): Record<string, string> {
  if (!checksum || mode !== 'ENABLED') return {}
  return { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' }
}

/** The bytes that are asked for; undefined for all of them, also where the header is none that is read here. */
function readRange(header: string | undefined, bytes: number): { readonly from: number; readonly until: number } | undefined {
  const [, first, last] = /^bytes=([0-9]*)-([0-9]*)$/.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  const from = first === '' ? Math.max(bytes - Number(last), 0) : Number(first)
  const until = first === '' || last === '' ? bytes : Math.min(Number(last) + 1, bytes)
  if (from >= until) throw new S3Refused(416, 'InvalidRange', 'the range lies behind the end')
  return { from, until }
}

async function putObject(asked: Asked): Promise<Answer> {
  const { request, bucket, key, payload } = asked
  const path = bucket.newPath()
  const received = await receive(request, request.headers, payload, path)
  // Nothing may come between the look and the write.
  refuseByCondition(asked)
  const { bytes, md5, checksum } = received
  const { etag } = bucket.keep({ key, etag: `"${md5}"`, segments: [{ path, bytes }], checksum })
  return { status: 200, headers: { ETag: etag, ...checksumEcho(received) }, taken: bytes }
}

async function uploadPart(asked: Asked): Promise<Answer> {
  const { request, bucket, get, payload } = asked
  const upload = findUpload(asked)
  const number = Number(get('partNumber'))
  if (!Number.isInteger(number) || number < 1 || number > 10_000)
    throw new S3Refused(400, 'InvalidArgument', 'part numbers are whole numbers from 1 to 10000')
  const path = bucket.newPath()
  const received = await receive(request, request.headers, payload, path)
  bucket.keepPart(upload, { number, bytes: received.bytes, md5: received.md5, path })
  return { status: 200, headers: { ETag: `"${received.md5}"`, ...checksumEcho(received) }, taken: received.bytes }
}

function checksumEcho({ checksum }: Received): Record<string, string> {
  return checksum ? { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value } : {}
}

function listParts(asked: Asked): Answer {
  const { bucketName, key, get } = asked
  const upload = findUpload(asked)
  const most = Math.min(Number(get('max-parts') ?? MAX_PARTS), MAX_PARTS)
  const after = Number(get('part-number-marker') ?? 0)
  const rest = [...upload.parts.values()].filter(({ number }) => number > after).sort((a, b) => a.number - b.number)
  const page = rest.slice(0, most)
  return xml(200, 'ListPartsResult', {
    Bucket: bucketName,
    Key: key,
    UploadId: upload.id,
    PartNumberMarker: after,
    NextPartNumberMarker: page.at(-1)?.number ?? 0,
    MaxParts: most,
    IsTruncated: rest.length > page.length,
    Part: page.map(({ number, bytes, md5, modifiedAt }) => ({
      PartNumber: number,
      LastModified: new Date(modifiedAt).toISOString(),
      ETag: `"${md5}"`,
      Size: bytes,
    })),
  })
}

function completeUpload(asked: Asked): Answer {
  const { body, bucketName, bucket, key, minPartBytes } = asked
  const upload = findUpload(asked)
  const wanted = readParts(body.toString('utf8'))
  if (wanted.length === 0) throw new S3Refused(400, 'MalformedXML', 'no part is named')
  if (wanted.some(({ number }, index) => number <= (wanted[index - 1]?.number ?? 0)))
    throw new S3Refused(400, 'InvalidPartOrder', 'the parts are not in the order of their numbers')
  const parts = wanted.map(({ number, etag }) => {
    const part = upload.parts.get(number)
    if (!part || part.md5 !== etag) throw new S3Refused(400, 'InvalidPart', `there is no part ${number} with this ETag`)
    return part
  })
  if (parts.slice(0, -1).some(({ bytes }) => bytes < minPartBytes))
    throw new S3Refused(400, 'EntityTooSmall', `parts but the last have ${minPartBytes} bytes at least`)
  refuseByCondition(asked)
  const md5 = createHash('md5')
  for (const part of parts) md5.update(Buffer.from(part.md5, 'hex'))
  const { etag } = bucket.keep({ key, etag: `"${md5.digest('hex')}-${parts.length}"`, segments: parts })
  bucket.uploads.delete(upload.id)
  return xml(200, 'CompleteMultipartUploadResult', { Bucket: bucketName, Key: key, ETag: etag })
}

function findUpload({ bucket, key, get }: Asked): Upload {
  const upload = bucket.uploads.get(get('uploadId') ?? '')
  if (upload?.key !== key) throw new S3Refused(404, 'NoSuchUpload', 'there is no such upload: it is over, or never began')
  return upload
}

/** `If-None-Match: *` and `If-Match` of a write. */
function refuseByCondition({ request, bucket, key }: Asked): void {
  const there = bucket.objects.get(key)
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers
  if (ifMatch !== undefined && !there) throw new S3Refused(404, 'NoSuchKey', 'there is no such object')
  if (ifMatch !== undefined && there && !names(ifMatch, there)) throw preconditionFailed()
  if (ifNoneMatch !== undefined && there && names(ifNoneMatch, there)) throw preconditionFailed()
}

function names(condition: string, { etag }: StoredObject): boolean {
  return condition.split(',').some(one => ['*', etag, etag.slice(1, -1)].includes(one.trim()))
}

function preconditionFailed(): S3Refused {
  return new S3Refused(412, 'PreconditionFailed', 'what is there is not what the condition asks for')
}

function xml(status: number, root: string, content: Elements): Answer {
  return { status, headers: { 'Content-Type': 'application/xml' }, text: writeXml(root, content) }
}
