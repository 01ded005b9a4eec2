/**
 * How the SDK of AWS sends a request: by the exchange that everything at this site leaves by, with its judged addresses and its time limits.
 */
import { Readable } from 'node:stream'
import { type ExchangeLimits, exchange, shown } from '../staging/http-exchange.ts'
import { StagingFailed } from '../staging/staging-failed.ts'
import { describeBreak } from '../system-words.ts'

/** Answers are lists and receipts: what is in objects comes by the download of the site. */
const MAX_ANSWER_BYTES = 16 * 2 ** 20

/** A request as the SDK has signed it. */
export interface SdkRequest {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number | undefined
  readonly method: string
  /** Escaped. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface SdkAnswer {
  readonly response: { readonly statusCode: number; readonly headers: Readonly<Record<string, string>>; readonly body: Readable }
}

/** In the shape that the SDK takes. Whatever fails on the way is thrown as `StagingFailed`, and the SDK passes it on as it is. */
export function createRequestHandler(limits: ExchangeLimits) {
  return {
    async handle(request: SdkRequest, { abortSignal: signal }: { readonly abortSignal: AbortSignal }): Promise<SdkAnswer> {
      const url = addressOf(request)
      const { method, headers } = request
      const answer = await exchange({ method, url, headers, body: bodyOf(request) }, limits, signal)
      const what = `${method} ${shown(url)}`
      const chunks: Buffer[] = []
      let bytes = 0
      try {
        for await (const chunk of answer as AsyncIterable<Buffer>) {
          bytes += chunk.length
          if (bytes > MAX_ANSWER_BYTES)
            throw new StagingFailed(`${what} brought more than ${MAX_ANSWER_BYTES} bytes: ask who runs that server`)
          chunks.push(chunk)
        }
      } catch (cause) {
        if (cause instanceof StagingFailed || signal.aborted) throw cause
        throw new StagingFailed(`${what} broke off: ${describeBreak(cause)}`, { cause, passing: true })
      }
      const names = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
      return { response: { statusCode: answer.statusCode ?? 0, headers: Object.fromEntries(names), body: Readable.from(chunks) } }
    },
  }
}

function addressOf({ protocol, hostname, port, path, query = {} }: SdkRequest): URL {
  const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`)
  url.search = Object.entries(query)
    .flatMap(([name, value]) => (value === null || typeof value === 'string' ? [value ?? ''] : value).map(one => [name, one]))
    .map(pair => pair.map(escapeText).join('='))
    .join('&')
  return url
}

/** As it was escaped for the signature. */
function escapeText(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function bodyOf({ body }: SdkRequest): Readable | undefined {
  if (body === undefined || body === '') return undefined
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) throw new TypeError('only whole bodies are sent by this site')
  return Readable.from([Buffer.from(body)])
}
