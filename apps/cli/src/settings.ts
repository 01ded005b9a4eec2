/**
 * The options that every command has.
 */
import { parseBaseUrl } from '@portolan/ga4gh'
import { type Command, InvalidArgumentError, Option } from 'commander'
import * as z from 'zod/mini'

const DEFAULT_URL = 'http://127.0.0.1:8080'
const DEFAULT_TIMEOUT_SECONDS = 30
const LONGEST_TIMEOUT_SECONDS = 3_600

/** An option without a value: there or not. */
export const Flag = z._default(z.boolean(), false)

const Settings = z.object({
  url: z.string(),
  tokenRef: z.optional(z.string()),
  user: z.optional(z.string()),
  json: Flag,
  /** Seconds for one request. */
  timeout: z.number(),
})
export type Settings = z.infer<typeof Settings>

/** Read from the command and those above it. */
export function readSettings(command: Command): Settings {
  return Settings.parse(command.optsWithGlobals())
}

export function globalOptions(): readonly Option[] {
  return [
    new Option('--url <url>', 'TES server or broker; its base path is found').env('PORTOLAN_URL').default(DEFAULT_URL).argParser(parseUrl),
    new Option('--token-ref <ref>', 'token as env:NAME or file:PATH, never itself (or set PORTOLAN_TOKEN to the token)'),
    new Option('--user <name>', 'user name for HTTP basic; the token is then the password').env('PORTOLAN_USER'),
    new Option('--json', 'JSON for machines instead of text'),
    new Option('--timeout <seconds>', 'for one request').default(DEFAULT_TIMEOUT_SECONDS).argParser(parseTimeout),
  ]
}

function parseUrl(text: string): string {
  try {
    return parseBaseUrl(text).href
  } catch (error) {
    if (URL.canParse(text)) throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
    throw new InvalidArgumentError('Give it whole, such as https://host/ga4gh/tes/v1.')
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
