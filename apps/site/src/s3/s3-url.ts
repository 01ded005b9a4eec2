/**
 * `s3://BUCKET/KEY`: the name of an object, or of all objects below a prefix. Pure.
 *
 * The key is what stands there: who writes such URLs escapes nothing, so `s3://b/a%20b` is the object `a%20b`, and not `a b`.
 */
import { StagingFailed } from '../staging/staging-failed.ts'

export interface S3Place {
  /** As people wrote it. */
  readonly url: string
  readonly bucket: string
  /** Empty for the bucket itself. */
  readonly key: string
}

/** Undefined for another kind of URL. Throws `StagingFailed` for one that is read in more than one way. */
export function parseS3Url(url: string): S3Place | undefined {
  if (!isS3Url(url)) return undefined
  const [, bucket, key = ''] = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]*)(?:\/(.*))?$/is.exec(url) ?? []
  if (bucket === undefined) throw new StagingFailed(`${JSON.stringify(url)} is no address in S3: write s3://BUCKET/KEY`)
  if (/[?#]/.test(key)) throw new StagingFailed(`${url} holds ? or #, which some readers take for the end of the key: use another name`)
  const segments = key.split('/')
  if (segments.some((segment, index) => isOdd(segment) || (segment === '' && index < segments.length - 1)))
    throw new StagingFailed(`${url} has a part of its key that is empty, "." or "..", or holds a control character: use another key`)
  return { url, bucket, key }
}

export function isS3Url(url: string): boolean {
  return /^s3:/i.test(url)
}

function isOdd(segment: string): boolean {
  return segment === '.' || segment === '..' || Array.from(segment).some(char => char < ' ' || char === '\u007f')
}
