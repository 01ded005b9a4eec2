/**
 * What a limit at the door means for the answer to a request.
 */
import type { IncomingMessage } from 'node:http'
import type { RefusedAct } from '../auth/limits/door-rules.ts'
import { retryAfter } from '../auth/limits/token-bucket.ts'
import type { Admission } from '../bus/rate-buckets.ts'
import { exchangeOf } from './exchange.ts'
import { Refusal } from './refusal.ts'

const SENTENCES: Readonly<Record<RefusedAct, string>> = {
  create: 'More is created, or tried, than one person, or one address, may so fast; large documents count for more.',
  login: 'More logins are begun than one person, or one address, may begin so fast.',
  code: 'Too many wrong codes were typed.',
  failure: 'Too many wrong credentials came from this address.',
}

/** Where the limit refuses, throws 429 with `Retry-After`, and leaves a mark in the access log. `why`: what else is wrong with the request. */
export function admit(request: IncomingMessage, act: RefusedAct, admission: Admission, why?: string): void {
  if (admission.outcome === 'admitted') return
  exchangeOf(request).limited = act
  const said = why === undefined ? SENTENCES[act] : `${SENTENCES[act]} As for this one: ${why}`
  throw new Refusal('too-many-requests', said, { headers: { 'Retry-After': retryAfter(admission.waitMs) } })
}
