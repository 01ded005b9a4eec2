/**
 * Tokens that were verified a moment ago, so that a poll costs a hash and no signature, no store and no login. Kept under the SHA-256 of the text,
 * for half a minute at most and never beyond the token's own end; a revocation clears what it concerns at once. In this process alone: replicas
 * learn of a revocation by that half minute.
 *
 * A table of a fixed size with four places for each slot: it never grows, so it never makes a new table (`start/collector.ts` says why that
 * matters), and where a slot is full the answer that ends first makes room.
 */
import { hash } from 'node:crypto'

export interface KnownTokens<Known> {
  /** What was kept for the token, unless it is over. */
  find(text: string, now: number): Known | undefined
  /** Taken before a verification begins, for `keep`. */
  mark(): Mark
  /** Keeps what a verification found. Nothing is kept if anything was forgotten since the mark: the answer may be older than the revocation. */
  keep(text: string, known: Known, until: { readonly expiresAt: number; readonly mark: Mark; readonly now: number }): void
  /** A revocation: forgets what it concerns. */
  forget(concerns: (known: Known) => boolean): void
}

/** How often anything was forgotten. */
export type Mark = number

const PLACES = 4
const DEFAULT_SLOTS = 4_096
export const KNOWN_TTL_MS = 30_000

interface Entry<Known> {
  readonly digest: string
  readonly known: Known
  readonly keptAt: number
  readonly until: number
}

export interface KnownTokensOptions {
  /** A power of two, 65,536 at most; four times as many tokens fit. */
  readonly slots?: number | undefined
  /** The longest that anything is kept. Default `KNOWN_TTL_MS`. */
  readonly ttlMs?: number | undefined
}

export function createKnownTokens<Known>({ slots = DEFAULT_SLOTS, ttlMs = KNOWN_TTL_MS }: KnownTokensOptions = {}): KnownTokens<Known> {
  const table: (Entry<Known> | undefined)[] = Array.from({ length: slots * PLACES }, () => undefined)
  let forgotten: Mark = 0

  const placeOf = (digest: string): number => (((digest.charCodeAt(0) << 8) | digest.charCodeAt(1)) & (slots - 1)) * PLACES

  return {
    find(text, now) {
      const digest = digestOf(text)
      const first = placeOf(digest)
      for (let place = first; place < first + PLACES; place++) {
        const entry = table[place]
        if (entry?.digest === digest) return isAlive(entry, now) ? entry.known : undefined
      }
      return undefined
    },
    mark: () => forgotten,
    keep(text, known, { expiresAt, mark, now }) {
      if (mark !== forgotten) return
      const digest = digestOf(text)
      table[freePlace(table, placeOf(digest), digest, now)] = { digest, known, keptAt: now, until: Math.min(expiresAt, now + ttlMs) }
    },
    forget(concerns) {
      forgotten++
      for (let place = 0; place < table.length; place++) {
        const entry = table[place]
        if (entry && concerns(entry.known)) table[place] = undefined
      }
    },
  }
}

/** A clock that was set back makes nothing live longer. */
function isAlive({ keptAt, until }: Entry<unknown>, now: number): boolean {
  return keptAt <= now && now < until
}

/** The place of the token itself, else an empty one, else that of the entry which ends first. */
function freePlace(table: readonly (Entry<unknown> | undefined)[], first: number, digest: string, now: number): number {
  let best = first
  let bestUntil = Number.POSITIVE_INFINITY
  for (let place = first; place < first + PLACES; place++) {
    const entry = table[place]
    if (entry?.digest === digest) return place
    const until = entry && isAlive(entry, now) ? entry.until : Number.NEGATIVE_INFINITY
    if (until < bestUntil) {
      best = place
      bestUntil = until
    }
  }
  return best
}

/** One character for each byte: the shortest string that a digest fits in. */
function digestOf(text: string): string {
  return hash('sha256', text, 'binary')
}
