/**
 * Remembers sizes for as long as they are worth, and asks only once for what is being asked already.
 */
import type { Replica } from '@portolan/federation'

export interface Size {
  readonly bytes: number
  readonly files: number
  /** Where the server says that the bytes lie; absent: where they were asked for. */
  readonly replicas?: readonly Replica[] | undefined
}

/** `missing`: the server knows no such object. `unknown`: nobody could say. */
export type Measured = Size | 'missing' | 'unknown'

export interface SizeCache {
  /** What is known now, without asking. */
  peek(key: string): Measured | undefined
  /** What is being asked now. */
  asking(key: string): Promise<Measured> | undefined
  /** Changes a size that is known, for as long as it is. */
  change(key: string, change: (size: Size) => Size): void
  /** Remembers the answer once it is there, a size for `lifeMs`. It does not reject. */
  keep(key: string, answer: Promise<Measured>, lifeMs: number): Promise<Measured>
}

const MISSING_MS = 60_000
const UNKNOWN_MS = 30_000
const MOST_ENTRIES = 100_000

/** `now`: ms since 1970. The oldest entries go first when there are too many. */
export function createSizeCache(now: () => number, mostEntries = MOST_ENTRIES): SizeCache {
  const known = new Map<string, { readonly measured: Measured; readonly until: number }>()
  const asking = new Map<string, Promise<Measured>>()

  async function remember(key: string, answer: Promise<Measured>, lifeMs: number): Promise<Measured> {
    const measured = await answer
    asking.delete(key)
    const worthMs = measured === 'missing' ? MISSING_MS : measured === 'unknown' ? UNKNOWN_MS : lifeMs
    known.delete(key)
    known.set(key, { measured, until: now() + worthMs })
    for (const oldest of known.keys()) {
      if (known.size <= mostEntries) break
      known.delete(oldest)
    }
    return measured
  }

  return {
    peek(key) {
      const entry = known.get(key)
      if (!entry) return undefined
      if (entry.until > now()) return entry.measured
      known.delete(key)
      return undefined
    },
    asking: key => asking.get(key),
    change(key, change) {
      const entry = known.get(key)
      if (entry && typeof entry.measured !== 'string') known.set(key, { ...entry, measured: change(entry.measured) })
    },
    keep(key, answer, lifeMs) {
      const kept = remember(key, answer, lifeMs)
      asking.set(key, kept)
      return kept
    },
  }
}
