/**
 * The buckets of a site, by the SDK of AWS. Whoever declares no S3 server never loads this file, which brings the SDK with it.
 *
 * Nothing is asked at the start: a server that is away fails the tasks that need it, and no others.
 */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { ExchangeLimits } from '../staging/http-exchange.ts'
import { retry } from '../staging/retry.ts'
import type { Source } from '../staging/source.ts'
import { StagingFailed } from '../staging/staging-failed.ts'
import type { Buckets, ListedObject, S3Credential } from './buckets.ts'
import { explainError, fixOf } from './explain.ts'
import { createRequestHandler } from './request-handler.ts'
import type { S3Place } from './s3-url.ts'
import { storeObject } from './store-object.ts'

export interface BucketOptions {
  /** Origin of a server → our key there. */
  readonly servers: Readonly<Record<string, S3Credential>>
  /** Bucket → origin of its server. */
  readonly buckets: Readonly<Record<string, string>>
  readonly region: string
}

/** From the moment of a request to that of its answer. */
const SIGNED_SECONDS = 900

interface Server {
  readonly origin: string
  readonly client: S3Client
}

export function openBuckets(options: BucketOptions, limits: ExchangeLimits): Buckets {
  const servers = new Map(
    Object.entries(options.servers).map(([origin, { accessKey, secretKey }]): [string, Server] => {
      const client = new S3Client({
        ...{ endpoint: origin, region: options.region, forcePathStyle: true },
        credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
        requestHandler: createRequestHandler(limits),
        // What is tried again is decided by the staging, for every kind of server alike.
        maxAttempts: 1,
      })
      return [origin, { origin, client }]
    }),
  )
  const find = ({ bucket }: S3Place): Server => {
    const server = Object.hasOwn(options.buckets, bucket) ? servers.get(options.buckets[bucket] ?? '') : undefined
    if (server) return server
    throw new StagingFailed(`the bucket ${bucket} is not one of this site: its operator can declare it with --bucket ${bucket}=ORIGIN`)
  }
  return {
    source: place => {
      if (place.key === '' || place.key.endsWith('/'))
        throw new StagingFailed(`${place.url} names no object: name one, or declare the type DIRECTORY`)
      return sourceOf(find(place), place)
    },
    list: (place, signal) => listBelow(find(place), place, signal),
    async put(place, file, signal) {
      if (place.key === '' || place.key.endsWith('/')) throw new StagingFailed(`${place.url} names no object: end it in the name of one`)
      const { client, origin } = find(place)
      await storeObject(place, file, { client, explain: error => explainError(error, place.url, origin, place.bucket) }, signal)
    },
  }
}

function sourceOf({ client, origin }: Server, { url, bucket, key }: S3Place): Source {
  const command = new GetObjectCommand({ Bucket: bucket, Key: key })
  return {
    ...{ name: url, origin },
    address: async () => new URL(await getSignedUrl(client, command, { expiresIn: SIGNED_SECONDS })),
    fix: status => fixOf(status, origin, bucket),
  }
}

async function* listBelow(server: Server, place: S3Place, signal: AbortSignal): AsyncGenerator<ListedObject> {
  const { bucket } = place
  const prefix = place.key === '' || place.key.endsWith('/') ? place.key : `${place.key}/`
  let token: string | undefined
  let found = 0
  do {
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token })
    const page = await retry(async () => {
      try {
        return await server.client.send(command, { abortSignal: signal })
      } catch (error) {
        throw explainError(error, place.url, server.origin, bucket)
      }
    }, signal)
    for (const { Key: key = '' } of page.Contents ?? []) {
      found++
      // Some tools leave an empty object behind as a sign of a folder.
      if (key.endsWith('/')) continue
      const url = `s3://${bucket}/${key}`
      yield { segments: readSegments(key.slice(prefix.length), url), source: sourceOf(server, { url, bucket, key }) }
    }
    token = page.NextContinuationToken
  } while (token !== undefined)
  if (found === 0) throw new StagingFailed(`nothing lies below ${place.url}: check the URL`)
}

function readSegments(rest: string, url: string): readonly string[] {
  const segments = rest.split('/')
  if (segments.some(segment => ['', '.', '..'].includes(segment) || segment.includes('\0')))
    throw new StagingFailed(`${url} cannot be a file, since a part of its name is empty, "." or "..": give the other objects one by one`)
  return segments
}
