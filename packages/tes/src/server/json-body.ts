/**
 * Reading a JSON body, whatever content type it says it has: first its bytes, then what they say. The two are apart so that a server can choose when it
 * spends the time that parsing a large body takes. Packed bodies are refused (415), since few bytes may unpack to very many.
 */
import { isUtf8 } from 'node:buffer'
import express, { type RequestHandler } from 'express'
import { badRequest, HttpProblem } from './http-problem.ts'
import { findExcess, JSON_BOUNDS, type JsonBounds } from './json-bounds.ts'

/** Collects and parses bodies of up to `limit` bytes. */
export function parseJsonBody(limit: number): RequestHandler {
  const collect = collectBody(limit)
  return (request, response, next) => {
    collect(request, response, error => {
      if (error !== undefined) next(error)
      else parseCollected(request, response, next)
    })
  }
}

/** Collects bodies of up to `limit` bytes, as bytes in `request.body`; a larger one is 413. */
export function collectBody(limit: number): RequestHandler {
  return express.raw({ limit, type: () => true, inflate: false })
}

/**
 * Puts what the collected bytes say in their place. Nothing is an empty object. 415 for another character set than UTF-8, 400 for bytes that are not
 * UTF-8, since they would silently become other text, for what is not JSON, and for a document of more than
 * 400,000 values, 64 levels or 10,000 different beginnings of objects.
 */
export const parseCollected: RequestHandler = (request, _response, next) => {
  const { body }: { body?: unknown } = request
  if (!Buffer.isBuffer(body)) return next()
  const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1]?.toLowerCase() ?? 'utf-8'
  if (charset !== 'utf-8' && charset !== 'utf8')
    return next(new HttpProblem(415, 'The character set is not supported. Send the body in UTF-8.'))
  if (!isUtf8(body)) return next(malformed('The body is not valid UTF-8'))
  const excess = findExcess(body)
  if (excess !== undefined) return next(tooMuch(excess))
  try {
    request.body = body.length === 0 ? {} : JSON.parse(withoutMark(body))
  } catch {
    // What was thrown quotes the body.
    return next(malformed('The body is not valid JSON'))
  }
  next()
}

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i
const BYTE_ORDER_MARK = '\uFEFF'

function withoutMark(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
}

function tooMuch(excess: keyof JsonBounds): HttpProblem {
  const message = `The body has more than ${JSON_BOUNDS[excess]} ${COUNTED[excess]}`
  return badRequest([{ path: '', message, fix: 'Send a smaller document, or several.' }])
}

const COUNTED: Readonly<Record<keyof JsonBounds, string>> = {
  values: 'values',
  depth: 'arrays and objects in one another',
  beginnings: 'names of members in different orders, or with other kinds of values',
}

function malformed(message: string): HttpProblem {
  return badRequest([{ path: '', message, fix: 'Send one JSON document in UTF-8.' }])
}
