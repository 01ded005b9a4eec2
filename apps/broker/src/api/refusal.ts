/**
 * A refusal: why a request gets no answer but an error. Thrown inside `api/`, rendered once at the edge.
 */
import type { ErrorBody, Problem } from '@portolan/ga4gh'
import { ERRORS, type ErrorSlug } from './errors.ts'

export interface RefusalDetails {
  readonly problems?: readonly Problem[] | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly cause?: unknown
}

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly slug: ErrorSlug
  readonly problems: readonly Problem[]
  readonly retryAfterSeconds: number | undefined

  /** `detail`: one sentence for the caller about this request; without it the title of the error. */
  constructor(slug: ErrorSlug, detail: string = ERRORS[slug].title, details: RefusalDetails = {}) {
    super(detail, details.cause === undefined ? undefined : { cause: details.cause })
    this.slug = slug
    this.problems = details.problems ?? []
    this.retryAfterSeconds = details.retryAfterSeconds
  }

  get status(): number {
    return ERRORS[this.slug].status
  }
}

/** The body of the answer: `msg` and `status_code` for GA4GH clients beside the fields of RFC 9457. `instance` is the path that was asked for. */
export function describeRefusal(refusal: Refusal, instance: string, requestId: string): ErrorBody {
  const { title, fix } = ERRORS[refusal.slug]
  const [problem] = refusal.problems
  const sentence = problem ? `${problem.path && `${problem.path}: `}${problem.message}` : refusal.message
  return {
    msg: `${sentence.replace(/\.?$/, '.')} ${problem?.fix ?? fix}`,
    status_code: refusal.status,
    type: `urn:portolan:error:${refusal.slug}`,
    title,
    detail: refusal.message,
    instance,
    request_id: requestId,
    ...(refusal.problems.length > 0 && {
      problems: refusal.problems.map(({ path, message, fix: mend }) => ({ path, message, fix: mend })),
    }),
  }
}
