/**
 * Reading an answer: at most so many bytes, JSON judged by the body and never by its content type, and error texts that cannot carry a
 * credential or control characters into a log.
 */
import * as z from 'zod/mini'
import type { Problem } from './error-body.ts'
import { ApiError, codeOfStatus, type Delivery } from './errors.ts'
import { parseRetryAfter } from './retry.ts'

const MAX_MESSAGE_LENGTH = 500
const MAX_PROBLEMS = 100

/** The body as text. Longer than `maxBytes`: an `ApiError` with code `unreadable`. */
export async function readText(response: Response, maxBytes: number): Promise<string> {
  if (!response.body) return ''
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > maxBytes) {
      await reader.cancel().catch(() => {})
      throw new ApiError('unreadable', `The answer is longer than ${maxBytes} bytes`, { status: response.status })
    }
    text += decoder.decode(value, { stream: true })
  }
}

const text = z.catch(z.optional(z.string()), undefined)
const ForeignProblem = z.object({ path: z.catch(z.string(), ''), message: z.string(), fix: z.catch(z.string(), '') })
/** The error bodies of TES and WES servers: ours, Spring's (TES-K), Funnel's, RFC 9457; and those of OAuth servers. */
const ForeignErrorBody = z.object({
  type: text,
  msg: text,
  message: text,
  detail: text,
  error: text,
  error_description: text,
  messages: z.catch(z.optional(z.array(z.string())), undefined),
  problems: z.catch(z.array(z.unknown()), []),
})

/** A word of RFC 6749, section 5.2, or of one of its extensions. */
const REASON = /^[a-z_]{1,64}$/

/** Kinds of a 5xx by which a broker says that it has begun nothing. */
const NOT_BEGUN: ReadonlySet<string> = new Set(['urn:portolan:error:login-unavailable'])

interface ParsedErrorBody {
  readonly type?: string | undefined
  readonly message: string | undefined
  readonly reason?: string | undefined
  readonly problems: Problem[]
}

function parseErrorBody(body: string): ParsedErrorBody {
  const parsed = ForeignErrorBody.safeParse(parseJson(body))
  if (!parsed.success) return { message: body.trimStart().startsWith('<') ? undefined : body, problems: [] }
  const { type, msg, detail, message, error, error_description, messages, problems } = parsed.data
  return {
    type,
    message: msg ?? messages?.join('; ') ?? detail ?? message ?? error_description ?? error,
    reason: error !== undefined && REASON.test(error) ? error : undefined,
    problems: problems.slice(0, MAX_PROBLEMS).flatMap(problem => ForeignProblem.safeParse(problem).data ?? []),
  }
}

/** JSON, or undefined if it is none. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** The text on one line, shortened, with every secret replaced. */
function tidy(foreign: string, secrets: readonly string[]): string {
  const hidden = secrets.reduce((kept, secret) => kept.replaceAll(secret, '[hidden]'), foreign)
  const line = hidden.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  return line.length > MAX_MESSAGE_LENGTH ? `${line.slice(0, MAX_MESSAGE_LENGTH)}…` : line
}

/** The error for an answer that is not a success. `secrets` are the credentials that were sent: some servers echo them. */
export function describeRefusal(response: Response, body: string, target: string, secrets: readonly string[], now: number): ApiError {
  const { type, message, reason, problems } = parseErrorBody(body)
  const said = message && tidy(message, secrets)
  return new ApiError(codeOfStatus(response.status), `${target} answered ${response.status}${said ? `: ${said}` : ''}`, {
    delivery: deliveryOf(response.status, type),
    status: response.status,
    requestId: requestIdOf(response, secrets),
    type: type && tidy(type, secrets),
    reason: reason !== undefined && secrets.includes(reason) ? undefined : reason,
    said,
    problems: problems.map(problem => ({
      ...problem,
      path: tidy(problem.path, secrets),
      message: tidy(problem.message, secrets),
      fix: tidy(problem.fix, secrets),
    })),
    retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), now),
  })
}

/** Where the status alone does not say it. */
function deliveryOf(status: number, type: string | undefined): Delivery | undefined {
  // A proxy may say 408 of a request that it has passed on.
  if (status === 408) return 'unknown'
  return status >= 500 && type !== undefined && NOT_BEGUN.has(type) ? 'refused' : undefined
}

export function requestIdOf(response: Response, secrets: readonly string[]): string | undefined {
  const id = response.headers.get('x-request-id')
  return id === null ? undefined : tidy(id, secrets).slice(0, 128)
}
