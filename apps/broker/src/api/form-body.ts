/**
 * Reading a small form (`application/x-www-form-urlencoded`), as OAuth endpoints take it: each parameter once, and none without a value counts
 * (RFC 6749, section 3.2).
 */
import { isUtf8 } from 'node:buffer'
import express, { type RequestHandler } from 'express'
import type { Read } from '../auth/oauth/read-asked.ts'
import { refuse } from '../auth/oauth/refused.ts'

const MEDIA_TYPE = 'application/x-www-form-urlencoded'
/** The longest token and a few words more. */
export const MOST_FORM_BYTES = 8 * 1024

/** Takes the bytes; of a body that is no form it takes nothing. */
export const readFormBody: RequestHandler = express.raw({ limit: MOST_FORM_BYTES, inflate: false, type: MEDIA_TYPE })

/** By name. No refusal repeats a value. */
export function parseForm(body: unknown): Read<ReadonlyMap<string, string>> {
  if (!Buffer.isBuffer(body)) return refuse('invalid_request', `Send the parameters as a form: Content-Type: ${MEDIA_TYPE}.`)
  if (!isUtf8(body)) return refuse('invalid_request', 'The form is not valid UTF-8.')
  const form = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(body.toString())) {
    if (value === '') continue
    if (form.has(name)) return refuse('invalid_request', 'A parameter is there twice: send each once.')
    form.set(name, value)
  }
  return { outcome: 'read', value: form }
}
