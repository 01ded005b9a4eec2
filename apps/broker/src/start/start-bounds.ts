/**
 * A start cannot be cut: it may be inside a call of the system that never returns, as on a file system that is away. So a signal during it, and
 * a start that takes too long, are answered from outside of it.
 */
import { setTimeout as delay } from 'node:timers/promises'

export interface StartBounds<Started> {
  readonly start: () => Promise<Started>
  /** Resolves when the process is to end. */
  readonly ended: Promise<void>
  readonly startMs: number
  /** How long a start may go on after `ended`, so that what it has opened can be given back. */
  readonly graceMs: number
}

export type StartOutcome<Started> = { readonly kind: 'started'; readonly started: Started } | { readonly kind: 'overdue' | 'cut' }

/** Starts within the bounds. Rejects if the start does. `overdue` and `cut`: the start goes on, and nothing but the end of the process stops it. */
export async function startWithin<Started>({ start, ended, startMs, graceMs }: StartBounds<Started>): Promise<StartOutcome<Started>> {
  const settled = new AbortController()
  const after = (ms: number): Promise<void> => delay(ms, undefined, { signal: settled.signal })
  try {
    return await Promise.race([
      start().then(started => ({ kind: 'started' as const, started })),
      after(startMs).then(() => ({ kind: 'overdue' as const })),
      ended.then(() => after(graceMs)).then(() => ({ kind: 'cut' as const })),
    ])
  } finally {
    settled.abort()
  }
}
