/**
 * Uploads to an S3 server: multipart, with parts that come by links or through this process. What has arrived is what the server says.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { S3Way } from '../http/s3-client.ts'
import type { MultipartUpload, ObjectUploads, StoredPart } from './object-store.ts'
import type { Ask } from './s3-asker.ts'
import { factsOf } from './s3-facts.ts'
import { found, notNow, unsupported } from './store-failure.ts'

export interface S3UploadsOptions {
  readonly way: S3Way
  readonly origin: string
  readonly ask: Ask
  readonly stream: Ask
  readonly once: Ask
  /** Of one object. */
  readonly objectAt: (url: string) => { readonly Bucket: string; readonly Key: string } | undefined
}

const MOST_PARTS = 10_000
/** So often an upload is ended into which parts still come. */
const MOST_ENDS = 3

export function createS3Uploads({ way, origin, ask, stream, once, objectAt }: S3UploadsOptions): ObjectUploads {
  const { client } = way
  const refused = unsupported('it is no URL of one object at this location')
  const unclear = unsupported(`${origin} does not say what it holds`)

  /** Of an upload. */
  function uploadAt({
    url,
    id,
  }: MultipartUpload): { readonly Bucket: string; readonly Key: string; readonly UploadId: string } | undefined {
    const at = objectAt(url)
    return at && { ...at, UploadId: id }
  }

  const self: ObjectUploads = {
    mostParts: MOST_PARTS,
    async begin(url, signal) {
      const at = objectAt(url)
      if (at === undefined) return refused
      return ask(signal, async abortSignal => {
        const said = await client.send(new CreateMultipartUploadCommand({ ...at, ContentType: 'application/octet-stream' }), {
          abortSignal,
        })
        return said.UploadId === undefined ? unclear : found({ url, id: said.UploadId })
      })
    },
    async parts(upload, signal) {
      const at = uploadAt(upload)
      if (at === undefined) return refused
      const parts: StoredPart[] = []
      for (let after: string | undefined; ; ) {
        const marker = after
        const page = await ask(signal, async abortSignal =>
          found(
            await client.send(new ListPartsCommand({ ...at, ...(marker !== undefined && { PartNumberMarker: marker }) }), { abortSignal }),
          ),
        )
        if (page.outcome !== 'found') return page
        const { Parts = [], IsTruncated, NextPartNumberMarker } = page.value
        for (const { PartNumber: number, Size: bytes, ETag: etag } of Parts) {
          if (number === undefined || bytes === undefined || etag === undefined) return unclear
          parts.push({ number, bytes, etag })
        }
        if (IsTruncated !== true || NextPartNumberMarker === undefined || NextPartNumberMarker === after) return found(parts)
        if (parts.length > MOST_PARTS) return unclear
        after = NextPartNumberMarker
      }
    },
    async linkTo(upload, part, bytes, lifeMs) {
      const at = uploadAt(upload)
      if (at === undefined) throw new TypeError('A link opens one part of an upload at its location')
      // The length is signed, so that the link takes this part and nothing larger.
      return way.presign(new UploadPartCommand({ ...at, PartNumber: part, ContentLength: bytes }), lifeMs)
    },
    async write(upload, part, body, bytes, signal) {
      const at = uploadAt(upload)
      if (at === undefined) return refused
      const sent = await once(signal, async abortSignal => {
        const command = new UploadPartCommand({ ...at, PartNumber: part, Body: body, ContentLength: bytes })
        const { ETag: etag } = await client.send(command, { abortSignal })
        return etag === undefined ? unclear : found({ number: part, bytes, etag })
      })
      if (!body.locked) await body.cancel()
      return sent
    },
    async complete(upload, parts, replace, signal) {
      const at = uploadAt(upload)
      if (at === undefined) return refused
      const MultipartUpload = { Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag })) }
      const whole = await stream(signal, async abortSignal => {
        const command = new CompleteMultipartUploadCommand({ ...at, MultipartUpload, ...(!replace && { IfNoneMatch: '*' }) })
        return found(await client.send(command, { abortSignal }))
      })
      if (whole.outcome !== 'found') return whole
      const { Bucket, Key } = at
      return ask(signal, async abortSignal => {
        const facts = factsOf(upload.url, await client.send(new HeadObjectCommand({ Bucket, Key }), { abortSignal }))
        return facts === undefined ? unclear : found(facts)
      })
    },
    async abort(upload, signal) {
      const at = uploadAt(upload)
      if (at === undefined) return refused
      // A part that is on its way while its upload ends may stay: it is ended until nothing is left.
      for (let ends = 0; ends < MOST_ENDS; ends++) {
        const ended = await ask(signal, async abortSignal => {
          await client.send(new AbortMultipartUploadCommand(at), { abortSignal })
          return found(undefined)
        })
        if (ended.outcome !== 'found') return ended.outcome === 'missing' && ends > 0 ? found(undefined) : ended
        const left = await self.parts(upload, signal)
        if (left.outcome === 'failed') return left
        if (left.outcome !== 'found' || left.value.length === 0) return ended
      }
      return notNow(`${origin} still takes parts of it`)
    },
  }
  return self
}
