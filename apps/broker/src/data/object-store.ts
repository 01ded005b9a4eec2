/**
 * The object store port: what can be asked of the server of one location, whatever it speaks (S3, HTTP). Nothing here decides who may have what.
 *
 * Answers are values: no method rejects for what a server or a network can do, and none follows a redirect. Every call ends with its signal, and
 * by a time limit of its own. Crash: nothing is kept; a multipart upload that was begun stays at the store until it is ended there. Two callers:
 * they may ask at the same time; so many requests at once as the location takes, the rest wait in line, each in its turn.
 */
import type { LocationId } from '@portolan/federation'

/** A digest that the store itself vouches for, in hexadecimal digits. `etag` says no more than which version it is. */
export interface ObjectDigest {
  readonly type: 'sha-256' | 'sha1' | 'crc32' | 'crc32c' | 'crc64nvme' | 'md5' | 'etag'
  readonly checksum: string
}

export interface ObjectFacts {
  /** As it was asked for, or below what was asked for. */
  readonly url: string
  readonly bytes: number
  /** Of whole objects only: a digest of digests of parts is none. */
  readonly digests: readonly ObjectDigest[]
  /** With its quotes. Absent: the server names no versions. */
  readonly etag?: string | undefined
  /** ms since 1970. */
  readonly modifiedAt?: number | undefined
}

/** `detail`: one sentence without any secret. */
export interface StoreFailure {
  readonly kind: 'unreachable' | 'timeout' | 'auth' | 'busy' | 'server' | 'unreadable' | 'unsupported'
  readonly detail: string
}

export type StoreAnswer<T> =
  | { readonly outcome: 'found'; readonly value: T }
  | { readonly outcome: 'missing' }
  /** It is there in another version, or was there before it should have been (If-Match, If-None-Match). */
  | { readonly outcome: 'changed' }
  | { readonly outcome: 'failed'; readonly failure: StoreFailure }

export interface ListedPage {
  readonly objects: readonly ObjectFacts[]
  /** How many objects lie there that are not shown: other rules hold for them, or their names are no paths. Absent: none. */
  readonly left?: number | undefined
  /** Pass as `mark` to go on with the list of the same folder; absent: that was all. A text of the store's own: no URL, and not to be read. */
  readonly next?: string | undefined
}

/** Where a page begins. `after`: a URL below the folder, whether anything is there or not. `mark`: where the page before it ended. */
export type ListFrom = { readonly after: string } | { readonly mark: string }

/** An object that is being read. Who opened it reads it to its end or destroys it. */
export interface OpenedObject {
  readonly bytes: ReadableStream<Uint8Array>
  /** Of what is sent now. */
  readonly length: number
  /** Of the whole. */
  readonly total: number
  /** Offset of the first byte. */
  readonly from: number
  readonly etag?: string | undefined
}

/** From `first` to `last` and with both; without `last` to the end. */
export interface ByteRange {
  readonly first: number
  readonly last?: number | undefined
}

/** Opens one object, or one part of an upload, for whoever holds it: a secret. */
export interface ObjectLink {
  readonly url: string
  /** ms since 1970. */
  readonly expiresAt: number
}

export interface StoredPart {
  readonly number: number
  readonly bytes: number
  readonly etag: string
}

/** What is written in parts. `id` is the store's own name for it. */
export interface MultipartUpload {
  readonly url: string
  readonly id: string
}

/** How soon a short question is sent: before all that wait in line, for nobody asks again; in line; or after all of them, for nobody waits. */
export type Turn = 'first' | 'usual' | 'last'

export interface StoreQuestions {
  head(url: string, signal: AbortSignal): Promise<StoreAnswer<ObjectFacts>>
  /**
   * What lies below a URL that ends in `/`, in folders of it too, at most `most` (1,000 without it) a page, by key; only what comes after `from`.
   * Objects that no URL can name are left out, and what comes after them is not.
   */
  list(below: string, from: ListFrom | undefined, signal: AbortSignal, most?: number): Promise<StoreAnswer<ListedPage>>
}

export interface ObjectStore extends StoreQuestions {
  readonly location: LocationId
  /** The same questions in another turn; those of the store itself are `usual`. */
  inTurn(turn: Turn): StoreQuestions
  /** `etag`: only that version. */
  read(url: string, range: ByteRange | undefined, etag: string | undefined, signal: AbortSignal): Promise<StoreAnswer<OpenedObject>>
  /** Absent: this location takes no uploads by the broker. */
  readonly uploads?: ObjectUploads | undefined
  /** Absent: its server knows no links. For 15 s at least and 7 days at most; the store is not asked. */
  readonly linkTo?: ((url: string, lifeMs: number) => Promise<ObjectLink>) | undefined
}

export interface ObjectUploads {
  /** In how many parts an upload may come at most. */
  readonly mostParts: number
  begin(url: string, signal: AbortSignal): Promise<StoreAnswer<MultipartUpload>>
  /** What has arrived, by number. */
  parts(upload: MultipartUpload, signal: AbortSignal): Promise<StoreAnswer<readonly StoredPart[]>>
  /** For a part of so many bytes and no other size. Absent: its server knows no links, so parts pass through this process. */
  readonly linkTo?: ((upload: MultipartUpload, part: number, bytes: number, lifeMs: number) => Promise<ObjectLink>) | undefined
  /** Sends one part through this process, as it comes. */
  write(
    upload: MultipartUpload,
    part: number,
    body: ReadableStream<Uint8Array>,
    bytes: number,
    signal: AbortSignal,
  ): Promise<StoreAnswer<StoredPart>>
  /** `replace: false`: refused (`changed`) if there is something already. */
  complete(upload: MultipartUpload, parts: readonly StoredPart[], replace: boolean, signal: AbortSignal): Promise<StoreAnswer<ObjectFacts>>
  /** `missing`: there is nothing under way that could be given up, as it is whole, or was given up. */
  abort(upload: MultipartUpload, signal: AbortSignal): Promise<StoreAnswer<undefined>>
}

/** The stores of all locations, by id; `at` finds the one whose prefix covers a URL. */
export interface ObjectStores {
  readonly byLocation: ReadonlyMap<LocationId, ObjectStore>
  at(url: string): ObjectStore | undefined
}
