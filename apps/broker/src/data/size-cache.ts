/**
 * Remembers sizes for as long as they are worth, and asks only once for what is being asked already.
 */
export interface Size {
  readonly bytes: number
  readonly files: number
}

/** `missing`: the server knows no such object. `unknown`: nobody could say. */
export type Measured = Size | 'missing' | 'unknown'

export interface SizeCache {
  /** What is known now, without asking. */
  peek(key: string): Measured | undefined
  /** What is known, or what `measure` finds out. `measure` does not reject. */
  get(key: string, measure: () => Promise<Measured>): Promise<Measured>
}

const KNOWN_MS = 24 * 3_600_000
const MISSING_MS = 60_000
const UNKNOWN_MS = 30_000
const MOST_ENTRIES = 100_000

function worthMs(measured: Measured): number {
  return measured === 'missing' ? MISSING_MS : measured === 'unknown' ? UNKNOWN_MS : KNOWN_MS
}

/** `now`: ms since 1970. The oldest entries go first when there are too many. */
export function createSizeCache(now: () => number, mostEntries = MOST_ENTRIES): SizeCache {
  const known = new Map<string, { readonly measured: Measured; readonly until: number }>()
  const asking = new Map<string, Promise<Measured>>()

  function peek(key: string): Measured | undefined {
    const entry = known.get(key)
    if (!entry) return undefined
    if (entry.until > now()) return entry.measured
    known.delete(key)
    return undefined
  }

  async function ask(key: string, measure: () => Promise<Measured>): Promise<Measured> {
    const measured = await measure()
    asking.delete(key)
    known.set(key, { measured, until: now() + worthMs(measured) })
    for (const oldest of known.keys()) {
      if (known.size <= mostEntries) break
      known.delete(oldest)
    }
    return measured
  }

  return {
    peek,
    get(key, measure) {
      const measured = peek(key)
      if (measured !== undefined) return Promise.resolve(measured)
      const asked = asking.get(key)
      if (asked) return asked
      const promise = ask(key, measure)
      asking.set(key, promise)
      return promise
    },
  }
}
