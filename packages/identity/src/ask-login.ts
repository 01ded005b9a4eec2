/**
 * One question to a login: JSON or a sentence about what came instead. Bounded in time and bytes, sent once, no redirect followed. What the
 * login said in words is not handed on, nor what was sent.
 */

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface LoginClient {
  readonly fetch: Fetch
  /** For one question, from its start to the last byte, in ms. */
  readonly timeoutMs: number
  /** Ends every question when the owner ends. */
  readonly signal: AbortSignal | undefined
}

/** All the time that one verification has. The signal is made when it is first needed: most verifications ask nobody. */
export interface Limit {
  readonly signal: AbortSignal
}

export interface Question {
  readonly url: string
  /** The login, for the sentence. */
  readonly issuer: string
  /** What is asked for: `its keys`. */
  readonly what: string
  readonly init?: RequestInit | undefined
  readonly maxBytes: number
  /** The caller's own limit. */
  readonly signal?: AbortSignal | undefined
}

export interface Trouble {
  readonly detail: string
  /** In ms from now. */
  readonly retryAfterMs: number
}

export type Answer =
  | { readonly ok: true; readonly value: unknown }
  /** `status`: the HTTP status, if there was an answer. */
  | { readonly ok: false; readonly trouble: Trouble; readonly status: number | undefined }

const RETRY_MS = 5_000
const MAX_RETRY_MS = 300_000

/** Never throws. */
export async function askLogin(client: LoginClient, question: Question): Promise<Answer> {
  const { url, issuer, what, maxBytes } = question
  const timeout = AbortSignal.timeout(client.timeoutMs)
  const signals = [timeout, client.signal, question.signal].filter(signal => signal !== undefined)
  const signal = AbortSignal.any(signals)
  try {
    return await until(signal, async () => {
      const response = await client.fetch(url, { ...question.init, headers: headersOf(question), redirect: 'manual', signal })
      const answer = await readAnswer(response, issuer, what, maxBytes)
      if (!answer.ok) await response.body?.cancel().catch(() => {})
      return answer
    })
  } catch {
    const late = timeout.aborted || signal.aborted
    return trouble(`The login ${issuer} ${late ? `did not answer in time` : 'cannot be reached'} when asked for ${what}. Try again later.`)
  }
}

/** The work's result, or a rejection as soon as the signal is aborted, even if the work ignores it. */
export async function until<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const stop = Promise.withResolvers<never>()
  const give = () => stop.reject(signal.reason)
  signal.addEventListener('abort', give, { once: true })
  try {
    return await Promise.race([work(), stop.promise])
  } finally {
    signal.removeEventListener('abort', give)
  }
}

function headersOf({ init }: Question): Headers {
  const headers = new Headers(init?.headers)
  headers.set('accept', 'application/json')
  return headers
}

async function readAnswer(response: Response, issuer: string, what: string, maxBytes: number): Promise<Answer> {
  const { status } = response
  const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const isPage = type === 'text/html' || type === 'application/xhtml+xml' || (status >= 300 && status < 400)
  // A page with 401 or 404 is the usual dress of a plain answer; with any other status it is the login's own business with the person.
  if (response.type === 'opaqueredirect' || (isPage && status < 500 && status !== 401 && status !== 404))
    return trouble(describePage(issuer))
  if (!response.ok)
    return trouble(`The login ${issuer} answered ${status} when asked for ${what}. Try again later.`, status, retryAfter(response))
  if (type === 'application/jwt')
    return trouble(`The login ${issuer} signs ${what}: ask its operators to give this client plain JSON there.`, status)
  if (type !== 'application/json' && !type.endsWith('+json'))
    return trouble(`The login ${issuer} gave no JSON when asked for ${what}. Try again later.`, status)
  const text = await readText(response, maxBytes)
  if (text === undefined) return trouble(`The login ${issuer} answered more than ${maxBytes} bytes when asked for ${what}.`, status)
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return trouble(`The login ${issuer} gave broken JSON when asked for ${what}. Try again later.`, status)
  }
}

/** LS-Login does so to people outside its test group, while a service is in its test phase. */
function describePage(issuer: string): string {
  return (
    `The login ${issuer} answered with a web page instead of data. If this service is still in the login's test phase, only members of its ` +
    'test group get through: ask the operators of this service how to join. Otherwise the login may be under maintenance: try again later.'
  )
}

async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  if (!response.body) return ''
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  let text = ''
  for (let bytes = 0; ; ) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > maxBytes) {
      await reader.cancel().catch(() => {})
      return undefined
    }
    text += decoder.decode(value, { stream: true })
  }
}

function retryAfter(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, MAX_RETRY_MS) : RETRY_MS
}

function trouble(detail: string, status?: number, retryAfterMs = RETRY_MS): Answer {
  return { ok: false, status, trouble: { detail, retryAfterMs } }
}
