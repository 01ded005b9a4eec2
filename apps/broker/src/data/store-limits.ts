/**
 * How much is asked of the server of one location.
 */
import type { Turn } from './object-store.ts'

/** Short requests: what is read or written for long is not among them. */
export const REQUESTS_AT_ONCE = 16
/** Who waits in line: the higher, the sooner. */
export const PRIORITY: Readonly<Record<Turn, number>> = { first: 2, usual: 1, last: 0 }
/** For one of them, waiting in line left out. */
export const REQUEST_MS = 10_000
/** In one answer to `list`. */
export const MOST_LISTED = 1000
