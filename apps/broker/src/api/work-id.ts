/**
 * Ids of work items: 26 characters of Crockford's base 32, ten of them the time in ms and sixteen random. Ids of one process always rise,
 * also within a millisecond and when the clock steps back, so that they sort by creation.
 */
import { randomBytes } from 'node:crypto'
import type { WorkId } from '@portolan/federation'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_DIGITS = 10
const RANDOM_DIGITS = 16

export function createWorkIds(now: () => number): () => WorkId {
  let lastMs = -1
  let timeText = ''
  const digits = new Uint8Array(RANDOM_DIGITS)

  return () => {
    const ms = now()
    if (ms > lastMs) {
      lastMs = ms
      timeText = encodeTime(ms)
      fillRandom(digits)
    } else if (!increment(digits)) {
      lastMs += 1
      timeText = encodeTime(lastMs)
      fillRandom(digits)
    }
    let text = timeText
    for (const digit of digits) text += ALPHABET[digit]
    return text as WorkId
  }
}

function encodeTime(ms: number): string {
  let text = ''
  let rest = ms
  for (let i = 0; i < TIME_DIGITS; i += 1) {
    text = ALPHABET[rest % 32] + text
    rest = Math.floor(rest / 32)
  }
  return text
}

function fillRandom(digits: Uint8Array): void {
  const bytes = randomBytes(digits.length)
  for (let i = 0; i < digits.length; i += 1) digits[i] = (bytes[i] ?? 0) & 31
}

/** Adds one. False if every digit was at its highest. */
function increment(digits: Uint8Array): boolean {
  for (let i = digits.length - 1; i >= 0; i -= 1) {
    const digit = digits[i] ?? 0
    if (digit < 31) {
      digits[i] = digit + 1
      return true
    }
    digits[i] = 0
  }
  return false
}
