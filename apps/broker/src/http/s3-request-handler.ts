/**
 * The transport of the S3 client: its requests leave by the one way out, exactly as they were signed. What the client wants read as it comes, or sends
 * as a stream, streams; every other answer is read whole, within the bound of short answers.
 */
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import type { Ways } from './outbound-fetch.ts'

/** A request as the client hands it over. */
interface SignedRequest {
  readonly method: string
  readonly protocol: string
  readonly hostname: string
  readonly port?: number | undefined
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** The whole of the transport's answer; a body that streams is read to its end or cancelled. */
interface SignedAnswer {
  readonly response: { readonly statusCode: number; readonly headers: Record<string, string>; readonly body?: ReadableStream<Uint8Array> }
}

/** By this name in the query the client marks a request for the bytes of an object. */
const READS_OBJECT = 'GetObject'
/** Of an answer that streams and says what went wrong. */
const MOST_ERROR_BYTES = 64 * 1024

export function createS3RequestHandler(ways: Ways): NonNullable<S3ClientConfig['requestHandler']> {
  async function handle(request: SignedRequest, options: { readonly abortSignal?: unknown } = {}): Promise<SignedAnswer> {
    const { method, headers } = request
    const signal = options.abortSignal instanceof AbortSignal ? options.abortSignal : undefined
    const init = { method, headers, ...(signal && { signal }) }
    const isStream = request.body instanceof ReadableStream || request.query?.['x-id'] === READS_OBJECT
    if (!isStream) return show(await ways.fetch(urlOf(request), { ...init, body: textOf(request.body) }))
    const answer = await ways.stream(urlOf(request), { ...init, body: request.body instanceof ReadableStream ? request.body : null })
    return show(answer.ok ? answer : await cut(answer))
  }
  return { handle }
}

function urlOf({ protocol, hostname, port, path, query = {} }: SignedRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    const values = typeof value === 'string' || value === null ? [value] : value
    return values.map(one => (one === null ? escapeText(name) : `${escapeText(name)}=${escapeText(one)}`))
  })
  const host = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname
  return `${protocol}//${host}${port === undefined ? '' : `:${port}`}${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`
}

/** As signatures of S3 want it, so that nobody on the way need write it anew. */
function escapeText(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function textOf(body: unknown): string | null {
  if (typeof body === 'string') return body
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : null
}

async function cut(answer: Response): Promise<Response> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MOST_ERROR_BYTES) break
    chunks.push(chunk)
  }
  return new Response(Buffer.concat(chunks), { status: answer.status, headers: answer.headers })
}

function show({ status, headers, body }: Response): SignedAnswer {
  return { response: { statusCode: status, headers: Object.fromEntries(headers), ...(body && { body }) } }
}
