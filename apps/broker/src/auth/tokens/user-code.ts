/**
 * The short code that a person types to let a device in: eight letters, shown as XXXX-XXXX (RFC 8628, section 6.1). No vowels, so that it makes no
 * word, and no digits, so that nothing looks like something else. 20^8 codes are 34.6 bits, which is little: each lives for minutes, and tries
 * are counted (`auth/limits/`).
 */
import type { RandomSource } from './random-source.ts'

export const USER_CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
const LENGTH = 8
const HALF = LENGTH / 2
/** The largest multiple of twenty that a byte can hold; bytes beyond it would favour the first letters. */
const FAIR_BYTES = 240
/** In either case. Looked at before the case is changed: a `ß` would become two letters. */
const WHOLE = new RegExp(`^[${USER_CODE_LETTERS}]{${LENGTH}}$`, 'i')
/** A code with all that people put around it. */
const MOST_CHARACTERS = 64

/** Eight letters, as they are stored. */
export function makeUserCode(random: RandomSource): string {
  let code = ''
  while (code.length < LENGTH) {
    for (const byte of random(LENGTH)) {
      if (byte < FAIR_BYTES && code.length < LENGTH) code += USER_CODE_LETTERS.charAt(byte % USER_CODE_LETTERS.length)
    }
  }
  return code
}

/** As it is shown. */
export function showUserCode(code: string): string {
  return `${code.slice(0, HALF)}-${code.slice(HALF)}`
}

/** What somebody typed, as it is stored: in any case, with or without hyphen or blanks. Undefined: no code can look like that. */
export function readUserCode(text: string): string | undefined {
  if (text.length > MOST_CHARACTERS) return undefined
  const code = text.replace(/[\s\p{Dash}]/gu, '')
  return WHOLE.test(code) ? code.toUpperCase() : undefined
}
