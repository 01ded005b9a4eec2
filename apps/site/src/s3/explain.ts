/**
 * What the refusals of an S3 server mean, for people: each with its fix. Pure.
 */
import { StagingFailed } from '../staging/staging-failed.ts'

/** What is to be done about an answer with this status; undefined where nothing is known that every server would not mean by it. */
export function fixOf(status: number, origin: string, bucket: string): string | undefined {
  if (status === 401 || status === 403)
    return `the key that this site has there (--s3 ${origin}) does not open it, or is wrong: ask the operator of the site`
  if (status === 301 || status === 307 || status === 308)
    return `the bucket ${bucket} lies elsewhere: the operator of the site must name its server with --bucket, and its region with --s3-region`
  if (status === 400) return 'the operator of the site must name the region of the server with --s3-region, and set its clock right'
  return undefined
}

/** The error of the SDK in words that say what to do; what is no answer of a server stays as it is. `name`: what was asked for. */
export function explainError(error: unknown, name: string, origin: string, bucket: string): unknown {
  const status = statusOf(error)
  if (error instanceof StagingFailed || !(error instanceof Error) || status === undefined) return error
  const { name: code } = error
  if (code === 'NoSuchBucket') return new StagingFailed(`there is no bucket ${bucket} at ${origin}: check the URL`, { cause: error })
  const passing = status >= 500 || status === 429 || status === 408
  const fix =
    fixOf(status, origin, bucket) ??
    (passing ? 'submit the task again when the server is well' : 'ask who runs that server, or use another URL')
  return new StagingFailed(`${name} answered ${status} (${code}): ${fix}`, { cause: error, passing })
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  const { $metadata } = error
  if (typeof $metadata !== 'object' || $metadata === null || !('httpStatusCode' in $metadata)) return undefined
  return typeof $metadata.httpStatusCode === 'number' ? $metadata.httpStatusCode : undefined
}
