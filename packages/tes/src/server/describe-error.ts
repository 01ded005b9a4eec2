/**
 * Turns whatever Express, its parsers or a handler threw into one `HttpProblem`. Nothing of an unexpected error reaches the caller, and no
 * parser's message either, since those quote the body.
 */
import * as z from 'zod/mini'
import { badRequest, HttpProblem } from './http-problem.ts'

const Thrown = z.object({
  name: z.catch(z.optional(z.string()), undefined),
  status: z.catch(z.optional(z.number()), undefined),
  type: z.catch(z.optional(z.string()), undefined),
  limit: z.catch(z.optional(z.number()), undefined),
})

export function describeError(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error
  const { name, status, type, limit } = Thrown.safeParse(error).data ?? {}
  if (type === 'entity.too.large') {
    return new HttpProblem(
      413,
      `The body is larger than ${limit ?? 'allowed'} bytes. Store large files and give their URLs instead of inline content.`,
    )
  }
  if (type === 'encoding.unsupported') {
    return new HttpProblem(415, 'Packed bodies are not taken. Send the body as it is, without Content-Encoding.')
  }
  if (type === 'charset.unsupported') return new HttpProblem(415, 'The character set is not supported. Send the body in UTF-8.')
  if (name === 'URIError') {
    return badRequest([
      { path: 'path', message: 'The path is not valid percent-encoded UTF-8', fix: 'Escape the id with percent signs and two hex digits.' },
    ])
  }
  if (status !== undefined && status >= 400 && status < 500) return new HttpProblem(status, 'The request is malformed.', { cause: error })
  return new HttpProblem(500, 'The server failed. The request id finds the reason in its log.', { cause: error })
}
