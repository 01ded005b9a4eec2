/**
 * The answer of a server as the web platform shows it.
 */
import type { PlainResponse } from 'got'

const BODYLESS = [204, 205, 304]

/** True for an answer that has no body whatever its headers say. */
export function isBodyless({ statusCode }: PlainResponse, method: string): boolean {
  return method === 'HEAD' || BODYLESS.includes(statusCode)
}

export function toResponse(answer: PlainResponse, method: string, body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>): Response {
  const headers = new Headers()
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one)
  }
  return new Response(isBodyless(answer, method) ? null : body, { status: answer.statusCode, headers })
}
