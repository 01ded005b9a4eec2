/**
 * The buckets of a site: what can be done with an `s3://` URL, without a word of how. `open-buckets.ts` does it.
 */
import type { OutputFile } from '../staging/find-outputs.ts'
import type { Source } from '../staging/source.ts'
import type { S3Place } from './s3-url.ts'

/** The site's own key at an S3 server. */
export interface S3Credential {
  readonly accessKey: string
  readonly secretKey: string
}

/** An object below a prefix. */
export interface ListedObject {
  /** What its key has behind the prefix, in parts; each is good as the name of a file. */
  readonly segments: readonly string[]
  readonly source: Source
}

/** All of them throw `StagingFailed` for a bucket that the operator has not declared. */
export interface Buckets {
  /** One object. Nothing is asked yet. */
  source(place: S3Place): Source
  /** Every object below a prefix, page by page, in the order of their keys. Throws `StagingFailed` for a key that no file can have. */
  list(place: S3Place, signal: AbortSignal): AsyncGenerator<ListedObject>
  /** Stores a file as an object, large ones in parts. A part that does not arrive is sent again. */
  put(place: S3Place, file: OutputFile, signal: AbortSignal): Promise<void>
}
