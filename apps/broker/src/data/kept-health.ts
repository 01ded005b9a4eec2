/**
 * The health of locations, kept in memory. Three failures in a row make a location `down`; three silences in a row leave it in peace for ten seconds,
 * then for twice as long each time, five minutes at most. One asker at a time then finds out whether it is back.
 */
import type { LocationId } from '@portolan/federation'
import type { LocationCondition, LocationHealth } from './location-health.ts'
import type { StoreFailure } from './object-store.ts'

interface Kept {
  readonly hasAnswered: boolean
  /** In a row. */
  readonly failures: number
  readonly silences: number
  readonly trouble?: string | undefined
  /** Nobody asks until then; ms since 1970. */
  readonly askAgainAt: number
  readonly restMs: number
  /** Somebody was let through to see whether it is back. */
  readonly looking: boolean
}

const MOST_FAILURES = 3
const FIRST_REST_MS = 10_000
const MOST_REST_MS = 300_000
/** For the one who looks whether it is back. */
const LOOK_MS = 10_000
const NEW: Kept = { hasAnswered: false, failures: 0, silences: 0, askAgainAt: 0, restMs: FIRST_REST_MS, looking: false }

/** `unsupported` is an answer, and so is a refusal: it costs nobody any time. */
const SILENT: readonly StoreFailure['kind'][] = ['unreachable', 'timeout', 'busy', 'server']

const TROUBLE: Readonly<Record<StoreFailure['kind'], string>> = {
  unreachable: 'it cannot be reached',
  timeout: 'it gives no answer in time',
  auth: 'it refuses the broker',
  busy: 'it is busy',
  server: 'it fails',
  unreadable: 'its answers cannot be read',
  unsupported: 'it cannot do what is asked',
}

/** `now`: ms since 1970. */
export function createLocationHealth(now: () => number): LocationHealth {
  const kept = new Map<LocationId, Kept>()
  const of = (location: LocationId): Kept => kept.get(location) ?? NEW
  return {
    may(location) {
      const was = of(location)
      if (was.silences < MOST_FAILURES) return true
      if (now() < was.askAgainAt) return false
      kept.set(location, { ...was, looking: true, askAgainAt: now() + LOOK_MS })
      return true
    },
    record(location, failure) {
      kept.set(location, failure === undefined || failure.kind === 'unsupported' ? answered() : failed(of(location), failure.kind, now()))
    },
    condition: location => show(of(location)),
  }
}

function answered(): Kept {
  return { ...NEW, hasAnswered: true }
}

function failed(was: Kept, kind: StoreFailure['kind'], now: number): Kept {
  const isSilent = SILENT.includes(kind)
  const silences = isSilent ? was.silences + 1 : 0
  const next = { ...was, hasAnswered: was.hasAnswered || !isSilent, failures: was.failures + 1, silences, trouble: TROUBLE[kind] }
  if (silences < MOST_FAILURES) return { ...next, looking: false, askAgainAt: 0, restMs: FIRST_REST_MS }
  // Requests that were under way when it fell silent tell nothing new.
  if (was.silences >= MOST_FAILURES && !was.looking) return next
  return { ...next, looking: false, askAgainAt: now + was.restMs, restMs: Math.min(was.restMs * 2, MOST_REST_MS) }
}

function show({ hasAnswered, failures, trouble }: Kept): LocationCondition {
  if (failures >= MOST_FAILURES) return { state: 'down', trouble }
  return { state: hasAnswered ? 'up' : 'unknown' }
}
