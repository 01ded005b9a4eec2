/**
 * Stores a file as an object: a small one at once, a large one in parts. Every part is in memory while it is sent, and carries its digest.
 */
import { type FileHandle, open } from 'node:fs/promises'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { OutputFile } from '../staging/find-outputs.ts'
import { retry } from '../staging/retry.ts'
import { StagingFailed } from '../staging/staging-failed.ts'
import type { S3Place } from './s3-url.ts'

const PART_BYTES = 16 * 2 ** 20
/** S3 has no more for one object. */
const MAX_PARTS = 10_000
const MAX_OBJECT_BYTES = 5 * 2 ** 40
/** Parts of an upload that came to nothing cost money until it is ended; but the task waits for no server that is silent. */
const ABORT_MS = 10_000

export interface ObjectWriter {
  readonly client: S3Client
  /** An error of the SDK in words for people. */
  readonly explain: (error: unknown) => unknown
}

/** Throws `StagingFailed`; then nothing has changed at the place. */
export async function storeObject(place: S3Place, file: OutputFile, writer: ObjectWriter, signal: AbortSignal): Promise<void> {
  if (file.size > MAX_OBJECT_BYTES) throw new StagingFailed(`${place.url}: it is larger than an object can be (5 TiB): split it`)
  await using source = await open(file.source)
  const store = file.size > PART_BYTES ? storeInParts : storeAtOnce
  await retry(() => store(place, source, file.size, writer, signal), signal)
}

async function storeAtOnce(place: S3Place, source: FileHandle, size: number, writer: ObjectWriter, signal: AbortSignal): Promise<void> {
  const command = new PutObjectCommand({ Bucket: place.bucket, Key: place.key, Body: await readPart(source, 0, size) })
  await ask(writer, () => writer.client.send(command, { abortSignal: signal }))
}

async function storeInParts(place: S3Place, source: FileHandle, size: number, writer: ObjectWriter, signal: AbortSignal): Promise<void> {
  const { client } = writer
  const object = { Bucket: place.bucket, Key: place.key }
  const { UploadId } = await ask(writer, () => client.send(new CreateMultipartUploadCommand(object), { abortSignal: signal }))
  const upload = { ...object, UploadId }
  try {
    const Parts = await sendParts(upload, source, size, writer, signal)
    const command = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } })
    await ask(writer, () => client.send(command, { abortSignal: signal }))
  } catch (error) {
    // It ends also when the task is cancelled. Where the server does not take it, its own rules for such remains hold.
    const late = { abortSignal: AbortSignal.timeout(ABORT_MS) }
    await client.send(new AbortMultipartUploadCommand(upload), late).catch(() => undefined)
    throw error
  }
}

interface SentPart {
  readonly PartNumber: number
  readonly ETag: string | undefined
}

async function sendParts(
  upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string | undefined },
  source: FileHandle,
  size: number,
  writer: ObjectWriter,
  signal: AbortSignal,
): Promise<SentPart[]> {
  const partBytes = Math.max(PART_BYTES, Math.ceil(size / MAX_PARTS))
  const parts: SentPart[] = []
  for (let from = 0; from < size; from += partBytes) {
    const PartNumber = parts.length + 1
    const Body = await readPart(source, from, Math.min(partBytes, size - from))
    const command = new UploadPartCommand({ ...upload, PartNumber, Body })
    const { ETag } = await retry(() => ask(writer, () => writer.client.send(command, { abortSignal: signal })), signal).catch(fail)
    // Without digests: servers refuse those of an upload that did not announce them, and each part was compared as it came.
    parts.push({ PartNumber, ETag })
  }
  return parts
}

/** What was tried often enough for one part is not tried again for the whole. */
function fail(cause: unknown): never {
  if (!(cause instanceof StagingFailed)) throw cause
  throw new StagingFailed(cause.message, { cause })
}

async function ask<T>({ explain }: ObjectWriter, send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (error) {
    throw explain(error)
  }
}

async function readPart(source: FileHandle, from: number, bytes: number): Promise<Buffer> {
  const part = Buffer.allocUnsafe(bytes)
  let filled = 0
  while (filled < bytes) {
    const { bytesRead } = await source.read(part, filled, bytes - filled, from + filled)
    if (bytesRead === 0) throw new StagingFailed('it became shorter while it was stored: let nothing write to it any more')
    filled += bytesRead
  }
  return part
}
