/**
 * `s3://BUCKET/KEY`: the name of an object, or of all objects below a prefix. Pure.
 *
 * The key is what the URL says when its escapes are read, as in every other URL: `s3://b/a%20b` and `s3://b/a b` name the same object.
 */
import { StagingFailed } from '../staging/staging-failed.ts'

export interface S3Place {
  /** As people wrote it. */
  readonly url: string
  readonly bucket: string
  /** Not escaped; empty for the bucket itself. */
  readonly key: string
}

/** Undefined for another kind of URL. Throws `StagingFailed` for one that servers would read in more than one way. */
export function parseS3Url(url: string): S3Place | undefined {
  if (!/^s3:/i.test(url)) return undefined
  const [, bucket, path = ''] = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]*)(?:\/(.*))?$/is.exec(url) ?? []
  if (bucket === undefined) throw new StagingFailed(`${JSON.stringify(url)} is no address in S3: write s3://BUCKET/KEY`)
  if (/[?#\\]/.test(path))
    throw new StagingFailed(`${url} holds one of ?, # and \\, which end or change a URL: write it as %3F, %23 or %5C`)
  const key = decode(path)
  if (key === undefined) throw new StagingFailed(`${url} holds a % that begins no escape: write it as %25`)
  const segments = key.split('/')
  if (segments.some((segment, index) => isOdd(segment) || (segment === '' && index < segments.length - 1)))
    throw new StagingFailed(`${url} has a part of its key that is empty, "." or "..", or holds a control character: use another key`)
  return { url, bucket, key }
}

function isOdd(segment: string): boolean {
  return segment === '.' || segment === '..' || Array.from(segment).some(char => char < ' ' || char === '\u007f')
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
