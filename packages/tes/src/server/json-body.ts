/**
 * Reading a JSON body, whatever content type it says it has.
 */
import { isUtf8 } from 'node:buffer'
import express, { type RequestHandler } from 'express'

/** Parses bodies of up to `limit` bytes. Bytes that are not UTF-8 are refused, since they would silently become other text. */
export function parseJsonBody(limit: number): RequestHandler {
  return express.json({
    limit,
    type: () => true,
    strict: false,
    verify(_request, _response, body, encoding) {
      if (encoding === 'utf-8' && !isUtf8(body)) throw new Error('not UTF-8')
    },
  })
}
