/**
 * Our tokens that mean nothing by themselves: a prefix that says what it is, 256 random bits in base 62, and a checksum. The checksum tells a
 * token that was mistyped or cut off from one that was revoked, without a look into the store, and lets scanners for lost secrets be sure.
 * Only the hash is ever stored. 256 random bits need no slow hash and no salt: nobody can try them all.
 */
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { SecretHash } from '../../stores/login-rows.ts'
import type { RandomSource } from './random-source.ts'

/** `personal`: for engines; `refresh`: of a refresh family; `device`: a device code; `session`: the value of the session cookie. */
export const TOKEN_PREFIXES = {
  personal: 'portolan_pat_',
  refresh: 'portolan_rt_',
  device: 'portolan_dc_',
  session: 'portolan_sid_',
} as const
export type OpaqueTokenKind = keyof typeof TOKEN_PREFIXES

const SECRET_BYTES = 32
/** 62^43 is more than 2^256, and 62^6 more than 2^32. */
const SECRET_LENGTH = 43
const CHECKSUM_LENGTH = 6
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BODY = /^[0-9A-Za-z]{49}$/

export interface MadeToken {
  /** Shown once, never stored. */
  readonly text: string
  /** Stored. */
  readonly hash: SecretHash
}

export function makeToken(kind: OpaqueTokenKind, random: RandomSource): MadeToken {
  const secret = toBase62(BigInt(`0x${Buffer.from(random(SECRET_BYTES)).toString('hex')}`), SECRET_LENGTH)
  const body = `${TOKEN_PREFIXES[kind]}${secret}`
  const text = `${body}${checksumOf(body)}`
  return { text, hash: hashToken(text) }
}

export type ReadToken =
  | { readonly outcome: 'token'; readonly kind: OpaqueTokenKind; readonly hash: SecretHash }
  /** It begins like one of ours, but is too short, too long, or has a wrong character. */
  | { readonly outcome: 'mistyped'; readonly kind: OpaqueTokenKind }
  /** None of ours. */
  | { readonly outcome: 'foreign' }

/** What a text is. Whether the token was ever given out, or still counts, the store knows by its hash. */
export function readToken(text: string): ReadToken {
  for (const kind of KINDS) {
    if (!text.startsWith(TOKEN_PREFIXES[kind])) continue
    return isWhole(text, TOKEN_PREFIXES[kind].length) ? { outcome: 'token', kind, hash: hashToken(text) } : { outcome: 'mistyped', kind }
  }
  return { outcome: 'foreign' }
}

/** SHA-256 in hex of the whole text. Looked up by equality: how long that takes tells only of the hash, which leads nobody back to a token. */
function hashToken(text: string): SecretHash {
  return hash('sha256', text, 'hex') as SecretHash
}

const KINDS: readonly OpaqueTokenKind[] = ['personal', 'refresh', 'device', 'session']

function isWhole(text: string, prefixLength: number): boolean {
  if (text.length !== prefixLength + SECRET_LENGTH + CHECKSUM_LENGTH || !BODY.test(text.slice(prefixLength))) return false
  return checksumOf(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH)
}

function checksumOf(body: string): string {
  return toBase62(BigInt(crc32(body)), CHECKSUM_LENGTH)
}

function toBase62(value: bigint, length: number): string {
  let rest = value
  let text = ''
  for (let place = 0; place < length; place++) {
    text = DIGITS.charAt(Number(rest % 62n)) + text
    rest /= 62n
  }
  return text
}
