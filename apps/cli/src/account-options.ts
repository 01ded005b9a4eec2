/**
 * Options that the commands around logins and tokens share.
 */
import { Option } from 'commander'
import * as z from 'zod/mini'

const SCOPES = ['read', 'write', 'admin'] as const

export const Scopes = z.optional(z.array(z.enum(SCOPES)))

export function scopeOption(what: string): Option {
  return new Option('--scope <scope...>', what).choices(SCOPES)
}

export function ownerOption(): Option {
  return new Option('--owner <person>', 'those of sub@iss, or of any, for administrators (default: your own)')
}
