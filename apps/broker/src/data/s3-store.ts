/**
 * The object store of a location that speaks S3. It is asked at its own server alone, with its own keys, sixteen short requests at once.
 */
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { LocationId } from '@portolan/federation'
import type { LocationServer, S3Credential } from '../config.ts'
import type { Ways } from '../http/outbound-fetch.ts'
import { openS3Way } from '../http/s3-client.ts'
import type { ListFrom, ObjectStore, StoreAnswer, StoreQuestions } from './object-store.ts'
import { addressOf, type S3Address } from './s3-address.ts'
import { type Ask, createS3Asker } from './s3-asker.ts'
import { factsOf, pageOf, spanOf } from './s3-facts.ts'
import { createS3Uploads } from './s3-uploads.ts'
import { found, unsupported } from './store-failure.ts'
import { MOST_LISTED } from './store-limits.ts'

export interface S3StoreOptions {
  readonly location: LocationId
  readonly endpoint: string
  readonly server: Pick<LocationServer, 'region' | 'addressing' | 'checksums' | 'delivery'>
  readonly credential: S3Credential
  readonly ways: Ways
  /** ms since 1970. */
  readonly now: () => number
}

const NO_BYTES = new ReadableStream<Uint8Array>({ start: controller => controller.close() })

export function openS3Store({ location, endpoint, server, credential, ways, now }: S3StoreOptions): ObjectStore {
  const way = openS3Way({ endpoint, server, credential, ways, now })
  const { client } = way
  const { origin } = new URL(endpoint)
  const { askIn, stream, once } = createS3Asker(way, origin)
  const refused = unsupported('it is no URL of one object at this location')

  /** Of one object. */
  function objectAt(url: string): { readonly Bucket: string; readonly Key: string } | undefined {
    const address = addressOf(url, endpoint)
    return address && address.key !== '' ? { Bucket: address.bucket, Key: address.key } : undefined
  }

  const questionsBy = (ask: Ask): StoreQuestions => ({
    async head(url, signal) {
      const at = objectAt(url)
      if (at === undefined) return refused
      return ask(signal, async abortSignal => {
        const said = await client.send(
          new HeadObjectCommand({ ...at, ...(server.checksums === 'supported' && { ChecksumMode: 'ENABLED' }) }),
          { abortSignal },
        )
        const facts = factsOf(url, said)
        return facts === undefined ? unsupported(`${origin} does not say how large it is`) : found(facts)
      })
    },
    async list(below, from, signal, most = MOST_LISTED) {
      const at = addressOf(below, endpoint)
      const key = from && keyBefore(from, at?.bucket, endpoint)
      if (at === undefined || !below.endsWith('/') || (from !== undefined && key === undefined)) {
        return unsupported('it is no URL of a folder at this location')
      }
      return ask(signal, async abortSignal => {
        const said = await client.send(
          new ListObjectsV2Command({
            Bucket: at.bucket,
            Prefix: at.key,
            MaxKeys: Math.min(most, MOST_LISTED),
            // A key may hold what XML cannot.
            EncodingType: 'url',
            ...(key !== undefined && { StartAfter: key }),
          }),
          { abortSignal },
        )
        const decode = said.EncodingType === 'url' ? decodeKey : (key: string) => key
        const listed = (said.Contents ?? []).map(one => ({ ...one, Key: one.Key === undefined ? undefined : decode(one.Key) }))
        return found(pageOf(listed, said.IsTruncated === true, one => urlBelow(below, at, one)))
      })
    },
  })

  const usual = askIn('usual')
  return {
    location,
    ...questionsBy(usual),
    inTurn: turn => questionsBy(askIn(turn)),
    async read(url, range, etag, signal) {
      const at = objectAt(url)
      if (at === undefined) return refused
      return stream(signal, async abortSignal => {
        const bytes = range && `bytes=${range.first}-${range.last ?? ''}`
        const command = new GetObjectCommand({ ...at, ...(bytes && { Range: bytes }), ...(etag !== undefined && { IfMatch: etag }) })
        const said = await client.send(command, { abortSignal })
        const body = said.Body instanceof ReadableStream ? said.Body : NO_BYTES
        const span = spanOf(said)
        const refuse = async <T>(answer: StoreAnswer<T>): Promise<StoreAnswer<T>> => {
          await body.cancel()
          return answer
        }
        if (etag !== undefined && said.ETag !== etag) return await refuse({ outcome: 'changed' })
        if (span === undefined || span.from !== (range?.first ?? 0)) return await refuse(unsupported(`${origin} sends no parts of objects`))
        return found({ ...span, bytes: body })
      })
    },
    uploads: createS3Uploads({ way, origin, ask: usual, stream, once, objectAt }),
    ...(server.delivery !== 'none' && {
      async linkTo(url: string, lifeMs: number) {
        const at = objectAt(url)
        if (at === undefined) throw new TypeError('A link opens one object of its location')
        return way.presign(new GetObjectCommand(at), lifeMs)
      },
    }),
  }
}

/** Undefined for what is not in the bucket. The mark of a page is its last key, which may be one that no URL can name. */
function keyBefore(from: ListFrom, bucket: string | undefined, endpoint: string): string | undefined {
  if ('mark' in from) return from.mark
  const address = addressOf(from.after, endpoint)
  return address?.bucket === bucket ? address?.key : undefined
}

/** In the spelling in which the folder was asked for. */
function urlBelow(below: string, { key: folder }: S3Address, key: string): string | undefined {
  if (!key.startsWith(folder)) return undefined
  const rest = key.slice(folder.length)
  return `${below}${/^s3:/i.test(below) ? rest : rest.split('/').map(encodeURIComponent).join('/')}`
}

function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '))
}
