/**
 * An answer that is not a success, as a value: a handler returns or throws it, and it becomes one error body.
 */
import { describeProblem, type ErrorBody, hideInProblem, hideTokens, type Problem } from '@portolan/ga4gh/documents'

export type ProblemHeaders = Readonly<Record<string, string | readonly string[]>>

export interface HttpProblemDetails {
  /** A URI reference that names the kind of error. Default `about:blank`: the status says it all (RFC 9457). */
  readonly type?: string | undefined
  /** The kind of error in a few words. Default: the phrase of the status. */
  readonly title?: string | undefined
  readonly problems?: readonly Problem[] | undefined
  /** A list becomes one header line for each entry. */
  readonly headers?: ProblemHeaders | undefined
  /** For the operator's log alone. */
  readonly cause?: unknown
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
}

export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  readonly status: number
  readonly type: string
  readonly title: string
  readonly problems: readonly Problem[]
  readonly headers: ProblemHeaders

  /** `detail` is one sentence for the caller; it reaches everybody who may ask. */
  constructor(status: number, detail: string, details: HttpProblemDetails = {}) {
    super(detail, details.cause === undefined ? undefined : { cause: details.cause })
    this.status = status
    this.type = details.type ?? 'about:blank'
    this.title = details.title ?? TITLES[status] ?? 'Error'
    this.problems = details.problems ?? []
    this.headers = details.headers ?? {}
  }
}

/** 400 with every field that is to mend. */
export function badRequest(problems: readonly Problem[]): HttpProblem {
  const [first] = problems
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  const detail = first ? `${describeProblem(first)}${more}` : 'The request is malformed.'
  return new HttpProblem(400, detail, { problems })
}

/** No token that came with the request is repeated in it. */
export function toErrorBody(problem: HttpProblem, requestId: string): ErrorBody {
  const message = hideTokens(problem.message)
  return {
    msg: message,
    status_code: problem.status,
    type: problem.type,
    title: problem.title,
    detail: message,
    request_id: requestId,
    ...(problem.problems.length > 0 && { problems: problem.problems.map(hideInProblem) }),
  }
}
