/**
 * The objects of a stand-in for S3: what is known of each, in memory, and their bytes, in files.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Received } from './payload.ts'

/** A file that holds an object or a part of one. */
export interface Segment {
  readonly path: string
  readonly bytes: number
}

export interface StoredObject {
  readonly key: string
  readonly bytes: number
  /** With its quotes. */
  readonly etag: string
  /** ms since 1970. */
  readonly modifiedAt: number
  readonly segments: readonly Segment[]
  /** Of the whole object. */
  readonly checksum?: Received['checksum']
}

export interface Part {
  readonly number: number
  readonly bytes: number
  /** Without quotes. */
  readonly md5: string
  readonly path: string
  readonly modifiedAt: number
}

export interface Upload {
  readonly id: string
  readonly key: string
  readonly parts: Map<number, Part>
}

/** One bucket. */
export class Bucket {
  readonly objects = new Map<string, StoredObject>()
  /** Multipart uploads that are neither finished nor given up. */
  readonly uploads = new Map<string, Upload>()
  readonly #folder: string
  readonly #now: () => number

  constructor(folder: string, now: () => number) {
    this.#folder = folder
    this.#now = now
  }

  /** A path where nothing is yet. */
  newPath(): string {
    return join(this.#folder, randomUUID())
  }

  /** Puts an object there without any request: its content, or so many zeros. */
  async put(key: string, content: string | Uint8Array | { readonly zeros: number }, modifiedAt = this.#now()): Promise<StoredObject> {
    const path = this.newPath()
    if (typeof content === 'object' && 'zeros' in content) {
      await using file = await open(path, 'wx')
      await file.truncate(content.zeros)
    } else {
      await writeFile(path, content)
    }
    const md5 = createHash('md5')
    for await (const chunk of createReadStream(path)) md5.update(chunk as Buffer)
    return this.keep({ key, etag: `"${md5.digest('hex')}"`, segments: [{ path, bytes: (await stat(path)).size }], modifiedAt })
  }

  /** In the place of what had the key before. */
  keep(object: Omit<StoredObject, 'bytes' | 'modifiedAt'> & { readonly modifiedAt?: number | undefined }): StoredObject {
    const bytes = object.segments.reduce((sum, segment) => sum + segment.bytes, 0)
    const kept = { ...object, bytes, modifiedAt: object.modifiedAt ?? this.#now() }
    this.objects.set(kept.key, kept)
    return kept
  }

  begin(key: string): Upload {
    const upload: Upload = { id: randomUUID(), key, parts: new Map() }
    this.uploads.set(upload.id, upload)
    return upload
  }

  keepPart(upload: Upload, part: Omit<Part, 'modifiedAt'>): void {
    upload.parts.set(part.number, { ...part, modifiedAt: this.#now() })
  }

  async giveUp(upload: Upload): Promise<void> {
    this.uploads.delete(upload.id)
    await Promise.all([...upload.parts.values()].map(({ path }) => rm(path, { force: true })))
  }

  /** The whole content, as text. */
  async text(key: string): Promise<string> {
    const object = this.objects.get(key)
    if (!object) throw new Error(`there is no ${key}`)
    const chunks: Buffer[] = []
    for await (const chunk of readSegments(object.segments, 0, object.bytes)) chunks.push(chunk)
    return Buffer.concat(chunks).toString('utf8')
  }
}

/** The bytes from one offset up to another. */
export async function* readSegments(segments: readonly Segment[], from: number, until: number): AsyncGenerator<Buffer> {
  let start = 0
  for (const { path, bytes } of segments) {
    const [first, last] = [Math.max(from - start, 0), Math.min(until - start, bytes) - 1]
    if (last >= first) for await (const chunk of createReadStream(path, { start: first, end: last })) yield chunk as Buffer
    start += bytes
  }
}
