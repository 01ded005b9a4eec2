/**
 * Whether a secret can be sent as it is. A line break or blank is mostly one that an editor has left; found at the start it costs a minute, later
 * every request fails. No message repeats any of the secret.
 */
import type { SecretFailure } from './resolve-secret.ts'

/** What a bearer token is made of (RFC 6750), and what most servers take for one. */
const TOKEN = /^[\x21-\x7e]+$/

export function judgeToken(token: string): SecretFailure | undefined {
  if (TOKEN.test(token)) return undefined
  const fix = 'store the token alone: printable ASCII without blanks and line breaks'
  return { message: 'leads to a token with a character that no token has', fix }
}

/** Passwords, and secrets of clients: whatever can be typed (RFC 7617). */
export function judgePassword(password: string): SecretFailure | undefined {
  if (!hasControl(password)) return undefined
  return { message: 'leads to a secret with a line break or another control character', fix: 'store the secret alone, on one line' }
}

/** True if the text holds what no login can: a line break, a tab, any other control character. */
export function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text)
}
