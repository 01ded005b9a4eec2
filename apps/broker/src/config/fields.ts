/**
 * The kinds of values that configuration is made of. A rule that zod has no word for carries its own sentence and its own fix.
 */
import { parseUrl, SENSITIVITIES } from '@portolan/federation'
import * as z from 'zod'
import { isAddressOrNetwork } from '../auth/limits/client-address.ts'
import { COUNTRIES, fixCountry } from './countries.ts'
import { hasControl } from './judge-secret.ts'

type Fix = string | ((value: string) => string)

/** A string that passes `test`; `says` and `fix` are what the operator reads otherwise. */
function text(test: (value: string) => boolean, says: string, fix: Fix, meta: { pattern?: string; format?: string } = {}): z.ZodString {
  return z
    .string()
    .superRefine((value, context) => {
      if (test(value)) return
      context.addIssue({ code: 'custom', message: says, params: { fix: typeof fix === 'string' ? fix : fix(value) } })
    })
    .meta(meta)
}

const ID_PATTERN = '^[a-z0-9][a-z0-9._-]{0,62}$'
export const Identifier = text(
  value => new RegExp(ID_PATTERN).test(value),
  'is not a legal id',
  'use 1 to 63 lower-case letters, digits, dots, dashes or underscores, the first a letter or digit',
  { pattern: ID_PATTERN },
)

export const Country = text(value => COUNTRIES.has(value), 'is not a country code', fixCountry, { pattern: '^[A-Z]{2}$' })

export const SensitivityWord = z.enum(SENSITIVITIES)

const REF_PATTERN = '^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$'
/** Names where a secret is, never the secret. The value is not repeated in any message: it may be the secret itself, put there by mistake. */
export const SecretRef = text(
  value => new RegExp(REF_PATTERN).test(value),
  'is not a reference to a secret',
  'write env:NAME for an environment variable or file:PATH for a file; never the secret itself',
  { pattern: REF_PATTERN },
)

/** For basic authentication: all after the first colon is the password (RFC 7617). */
export const Username = z
  .string()
  .min(1)
  .check(
    z.superRefine((value, context) => {
      if (value.includes(':')) {
        const fix = 'ask the operator there for a user name without one, or for a token and use kind: bearer'
        context.addIssue({ code: 'custom', message: 'has a colon, which a user name cannot have', params: { fix } })
      } else if (hasControl(value)) {
        const fix = 'write the name alone, on one line'
        context.addIssue({ code: 'custom', message: 'has a line break or another control character', params: { fix } })
      }
    }),
  )

function isHttpUrl(value: string): boolean {
  const url = URL.parse(value)
  return (
    url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && !url.username && !url.password && !url.search && !url.hash
  )
}

/** An address to speak to. */
export const HttpUrl = text(
  isHttpUrl,
  'is not an http or https URL',
  'write it whole, such as https://host/path, without user name, query or fragment; a login goes into `credential`',
  { format: 'uri' },
)

/** A server of tasks or of data. What placement cannot read in exactly one way could not be compared with the URLs of a task. */
export const ServerUrl = HttpUrl.check(
  z.superRefine((value, context) => {
    if (!isHttpUrl(value) || parseUrl(value) !== undefined) return
    const fix =
      'write the host in ASCII without a dot at its end, an address in its usual form, and a path without //, dot segments or semicolons'
    context.addIssue({ code: 'custom', message: 'can be read in more than one way', params: { fix } })
  }),
)

function isOrigin(value: string): boolean {
  return isHttpUrl(value) && new URL(value).origin === value
}
export const Origin = text(isOrigin, 'is not an origin', 'write scheme, host and port only, such as https://portal.example.org', {
  format: 'uri',
})

/** What placement cannot read in exactly one way would cover nothing: a rule that is silently ignored. */
function isPrefixUrl(value: string): boolean {
  const parsed = parseUrl(value)
  return parsed !== undefined && !parsed.bare && parsed.query === undefined
}
/** The beginning of the URLs of a data set. */
export const PrefixUrl = text(
  isPrefixUrl,
  'is not a well-formed URL prefix',
  'write scheme, host or bucket and a path, such as s3://bucket/folder/ or https://host/folder/, without user name, query, fragment, dot segments or semicolons',
  { format: 'uri' },
)

/** The folder of a file system, in the one spelling that tasks can name it by. */
export const FolderPath = text(
  value => value.startsWith('/') && isPrefixUrl(`file://${value}`) && value.endsWith('/') && !/[%?#]/.test(value),
  'is not an absolute folder',
  'write it from the root to a slash at the end, such as /nfs/work/, without dot segments, double slashes, %, ? or #',
  { pattern: '^/([^/%?#]+/)*$' },
)

export const ProxyAddress = text(
  isAddressOrNetwork,
  'is neither an address nor a network',
  'write it as 10.0.0.1 or 10.0.0.0/8; names are not looked up',
)

/** A day; its end, in UTC, is what counts. */
export const Day = text(
  // What rolls over, such as 2027-02-31, is another day than the one that was written.
  value => /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)) && new Date(value).toISOString().startsWith(value),
  'is not a day',
  'write it as 2027-12-31',
  { format: 'date' },
)

/**
 * A list of what is admitted. Empty it would admit nothing, which nobody means to write: `instead` says what to write for what may be meant.
 */
export function listOfAdmitted<T extends z.ZodType>(item: T, instead: string): z.ZodArray<T> {
  return z
    .array(item)
    .superRefine((list, context) => {
      if (list.length > 0) return
      context.addIssue({ code: 'custom', message: 'is an empty list, which admits nothing', params: { fix: instead } })
    })
    .meta({ minItems: 1 })
}

/** Amounts that something could have: more is a slip, such as bytes instead of GB. */
export const PositiveInt = z.int().min(1).max(1_000_000_000)
export const Positive = z.number().positive().max(1_000_000_000)
/** A timer takes no more than 24 days. */
export const Seconds = z.number().min(0.1).max(2_000_000)
/** What a policy may hold that is kept as it is, until the check that reads it exists. */
export const OpenRecord = z.record(z.string(), z.unknown())
