/**
 * Keeps tokens until shortly before they expire. Callers who want the same token wait for one request; a failure is kept for a few seconds, so
 * that a token server in trouble is not asked by each of them.
 */
import type { Secret } from '../config.ts'

export interface IssuedToken {
  readonly value: Secret
  /** ms since 1970. */
  readonly expiresAt: number
}

export interface TokenCache {
  /** The token under this key, or a new one. */
  get(key: string, obtain: () => Promise<IssuedToken>): Promise<Secret>
  /**
   * Notes that the token was refused. True if a new one may do better: then this one is forgotten. One that is only seconds old is kept, for the
   * next would fare no better.
   */
  refuse(key: string, value: string): boolean
}

interface Held extends IssuedToken {
  readonly obtainedAt: number
}

interface Entry {
  held?: Held | undefined
  pending?: Promise<Secret> | undefined
  failed?: { readonly error: unknown; readonly until: number } | undefined
}

/** A token is renewed so long before its end, or a quarter of its life where that is less. */
const MARGIN_MS = 30_000
const FAILURE_MS = 5_000
const YOUNG_MS = 10_000
const MOST_TOKENS = 10_000

/** `now`: ms since 1970. */
export function createTokenCache(now: () => number): TokenCache {
  const entries = new Map<string, Entry>()

  /** The entry, moved to the end: the front is what was not asked for longest. */
  function entryOf(key: string): Entry {
    const entry = entries.get(key) ?? {}
    entries.delete(key)
    entries.set(key, entry)
    const oldest = entries.keys().next().value
    if (entries.size > MOST_TOKENS && oldest !== undefined) entries.delete(oldest)
    return entry
  }

  async function renew(entry: Entry, obtain: () => Promise<IssuedToken>): Promise<Secret> {
    const askedAt = now()
    try {
      const token = await obtain()
      entry.held = { ...token, obtainedAt: askedAt }
      return token.value
    } catch (error) {
      entry.failed = { error, until: now() + FAILURE_MS }
      throw error
    } finally {
      entry.pending = undefined
    }
  }

  return {
    async get(key, obtain) {
      const entry = entryOf(key)
      if (entry.held && isGood(entry.held, now())) return entry.held.value
      if (entry.pending) return entry.pending
      if (entry.failed && entry.failed.until > now()) throw entry.failed.error
      entry.failed = undefined
      entry.pending = renew(entry, obtain)
      return entry.pending
    },
    refuse(key, value) {
      const entry = entries.get(key)
      const held = entry?.held
      if (entry === undefined || held === undefined) return false
      // Somebody else has renewed it meanwhile.
      if (held.value.reveal() !== value) return true
      if (now() - held.obtainedAt < YOUNG_MS) return false
      entry.held = undefined
      return true
    },
  }
}

function isGood({ obtainedAt, expiresAt }: Held, at: number): boolean {
  return at < expiresAt - Math.min(MARGIN_MS, (expiresAt - obtainedAt) / 4)
}
