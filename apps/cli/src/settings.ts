/**
 * The options that every command has.
 */
import { parseBaseUrl } from '@portolan/ga4gh'
import { type Command, InvalidArgumentError, Option } from 'commander'
import * as z from 'zod/mini'
import { Failure } from './failure.ts'

const DEFAULT_URL = 'http://127.0.0.1:8080'
const DEFAULT_TIMEOUT_SECONDS = 30
const LONGEST_TIMEOUT_SECONDS = 3_600

/** An option without a value: there or not. */
export const Flag = z._default(z.boolean(), false)

const Settings = z.object({
  url: z.optional(z.string()),
  tokenRef: z.optional(z.string()),
  user: z.optional(z.string()),
  json: Flag,
  /** Seconds for one request. */
  timeout: z.number(),
})
export type Settings = z.infer<typeof Settings> & { readonly url: string }

/** Read from the command and those above it. Throws a `Failure` for an address that cannot be one. */
export function readSettings(command: Command, env: NodeJS.ProcessEnv): Settings {
  const settings = Settings.parse(command.optsWithGlobals())
  const url = settings.url ?? (env.PORTOLAN_URL || DEFAULT_URL)
  return { ...settings, url: parseUrl(url), user: settings.user ?? (env.PORTOLAN_USER || undefined) }
}

export function globalOptions(): readonly Option[] {
  return [
    new Option('--url <url>', `TES server or broker; its base path is found (default: PORTOLAN_URL, else ${DEFAULT_URL})`),
    new Option(
      '--token-ref <ref>',
      'token as env:NAME or file:PATH, never itself (default: the token in PORTOLAN_TOKEN, else the login that is kept)',
    ),
    new Option('--user <name>', 'user name for HTTP basic, the token is then the password (default: PORTOLAN_USER)'),
    new Option('--json', 'JSON for machines instead of text'),
    new Option('--timeout <seconds>', 'for one request').default(DEFAULT_TIMEOUT_SECONDS).argParser(parseTimeout),
  ]
}

/** The address is not repeated: it may hold a password. */
function parseUrl(text: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? '')) {
    throw new Failure('--url is no http or https address', { fix: 'Give it whole, such as https://host/ga4gh/tes/v1.' })
  }
  try {
    return parseBaseUrl(text).href
  } catch (cause) {
    throw new Failure('--url holds a user name, a password, a query or a fragment', {
      fix: 'Give the address alone; name and password go with --user and --token-ref.',
      cause,
    })
  }
}

function parseTimeout(text: string): number {
  return parseNumber(text, LONGEST_TIMEOUT_SECONDS)
}

/** More than 0 and at most `most`. */
export function parseNumber(text: string, most: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value > 0 && value <= most)) throw new InvalidArgumentError(`Give a number above 0, at most ${most}.`)
  return value
}

export function parseWhole(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number from 1 on.')
  return value
}
