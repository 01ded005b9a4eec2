/**
 * What the login store needs beside requests: that uses of tokens and sessions are written down, and that what has expired goes. A request only
 * notes its use and waits for nothing; a round writes what was noted and sweeps. What is noted and not yet written may be lost in a crash: the
 * time of a last use is then a minute too old, and nothing else.
 */
import type { SecretHash, TokenId } from '../stores/login-rows.ts'
import type { LoginStore } from '../stores/login-store.ts'
import { SYSTEM } from './principal.ts'

/** A use is noted again after this long; the store keeps no finer time. */
const NOTE_EVERY_MS = 60_000
const WRITE_EVERY_MS = 5_000
const SWEEP_EVERY_MS = 60_000
/** Rows a step, so that nobody waits behind a long one. */
const STEP_ROWS = 500
/** So many keys are known at once; beyond that all are forgotten, and the store refuses what is too early. */
const MOST_KEYS = 10_000

export interface LoginUpkeep {
  noteToken(id: TokenId): void
  noteSession(hash: SecretHash): void
  /** Answers when the next round is due, ms since 1970. Rejects with `StoreUnavailable`; what was noted is then kept for the next one. */
  round(signal: AbortSignal): Promise<number>
}

export function createLoginUpkeep(login: Pick<LoginStore, 'execute'>, now: () => number): LoginUpkeep {
  const tokens = createUses<TokenId>(now)
  const sessions = createUses<SecretHash>(now)
  let sweepAt = 0

  async function write(): Promise<void> {
    while (tokens.waiting.length > 0 || sessions.waiting.length > 0) {
      const batch = { tokens: tokens.waiting.slice(0, STEP_ROWS), sessions: sessions.waiting.slice(0, STEP_ROWS) }
      await login.execute({
        kind: 'touch',
        principal: SYSTEM,
        tokens: batch.tokens.map(({ key, at }) => ({ id: key, at })),
        sessions: batch.sessions.map(({ key, at }) => ({ hash: key, at })),
      })
      tokens.waiting.splice(0, batch.tokens.length)
      sessions.waiting.splice(0, batch.sessions.length)
    }
  }

  async function sweep(signal: AbortSignal): Promise<void> {
    for (let deleted = STEP_ROWS; deleted === STEP_ROWS && !signal.aborted; ) {
      const answer = await login.execute({ kind: 'sweepLogins', principal: SYSTEM, limit: STEP_ROWS, now: now() })
      deleted = answer.deleted
    }
  }

  return {
    noteToken: id => tokens.note(id),
    noteSession: hash => sessions.note(hash),
    async round(signal) {
      await write()
      if (now() >= sweepAt) {
        await sweep(signal)
        sweepAt = now() + SWEEP_EVERY_MS
      }
      return now() + WRITE_EVERY_MS
    },
  }
}

interface Uses<Key> {
  readonly waiting: { readonly key: Key; readonly at: number }[]
  note(key: Key): void
}

/** Notes each key once a minute, so that what a poll costs here is one look. */
function createUses<Key>(now: () => number): Uses<Key> {
  const notedAt = new Map<Key, number>()
  const waiting: { readonly key: Key; readonly at: number }[] = []
  return {
    waiting,
    note(key) {
      const at = now()
      if (at - (notedAt.get(key) ?? Number.NEGATIVE_INFINITY) < NOTE_EVERY_MS) return
      if (notedAt.size >= MOST_KEYS) notedAt.clear()
      notedAt.set(key, at)
      // While the store takes nothing, as many wait as are known: a last use may be forgotten, memory may not run out.
      if (waiting.length < MOST_KEYS) waiting.push({ key, at })
    },
  }
}
