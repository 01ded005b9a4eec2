/**
 * `limits.rates`: how often a person and an address may do what. The defaults are far above what engines do (a workflow submits a hundred thousand
 * tasks at once, and polls thousands of them every few seconds) and below what hurts.
 */
import * as z from 'zod'
import type { DoorRules } from '../auth/limits/door-rules.ts'
import type { BucketRule } from '../auth/limits/token-bucket.ts'
import { PositiveInt } from './fields.ts'

const rate = (what: string, atOnce: number, perMinute: number, most = 1_000_000_000) =>
  z
    .strictObject({
      atOnce: PositiveInt.max(most).default(atOnce).describe('So many at once.'),
      perMinute: PositiveInt.max(most).default(perMinute).describe('So many a minute from then on.'),
    })
    .prefault({})
    .describe(what)

const CREATES =
  'Tasks and tokens to be made, and dry runs, one more for each 16 KiB of the body; more are refused with 429 until `Retry-After`.'
const LOGINS = 'Refreshes of logins; more are refused with 429 until `Retry-After`.'
const BEGINS =
  'Logins begun, refused with 429 beyond it until `Retry-After`; and as many unknown tokens that a login has to be asked about, which wait beyond it.'
const POLLS = 'All else that is asked; more is answered late, two seconds at most, and never refused.'
const CODES = 'Wrong user codes typed; more are refused with 429, whether right or wrong.'
const FAILURES = 'Wrong credentials, and wrong user codes typed; beyond it a wrong one is refused with 429.'
/** With more, a user code could be found by trying within the ten minutes of its life. */
const MOST_FAILURES = 1_000

export const RatesFile = z.strictObject({
  person: z
    .strictObject({
      creates: rate(CREATES, 100_000, 6_000),
      logins: rate(LOGINS, 20, 20),
      polls: rate(POLLS, 10_000, 120_000),
      failures: rate(CODES, 10, 10, MOST_FAILURES),
    })
    .prefault({})
    .describe('What one person may do, by all their credentials together.'),
  address: z
    .strictObject({
      creates: rate(CREATES, 400_000, 24_000),
      logins: rate(BEGINS, 300, 300),
      polls: rate(POLLS, 50_000, 600_000),
      failures: rate(FAILURES, 10, 10, MOST_FAILURES),
    })
    .prefault({})
    .describe('What may come from one address, an IPv6 network of 64 bits counting as one: many people may stand behind it.'),
})
export type RatesFile = z.infer<typeof RatesFile>

type Rates = RatesFile['person']

export function convertRates({ person, address }: RatesFile): DoorRules {
  return { person: convert(person), address: convert(address) }
}

function convert({ creates, logins, polls, failures }: Rates): DoorRules['person'] {
  return {
    create: toRule(creates),
    login: toRule(logins),
    token: toRule(logins),
    code: toRule(failures),
    failure: toRule(failures),
    poll: toRule(polls),
  }
}

function toRule({ atOnce, perMinute }: Rates['creates']): BucketRule {
  return { burst: atOnce, perSecond: perMinute / 60 }
}
