/**
 * The one place that makes secrets for tests. Each carries the marker of this run, which nobody can guess, so that what a run leaves behind can be
 * searched for it.
 */
import { randomBytes } from 'node:crypto'
import process from 'node:process'
import type { RandomSource } from '../../apps/broker/src/auth/tokens/random-source.ts'

/** Set for all processes of a run before any of them starts. */
export const MARKER_VARIABLE = 'PORTOLAN_TEST_MARKER'

/** Letters and digits alone: they look the same in JSON, in a URL and in a header. */
export function makeMarker(): string {
  return `mark${randomBytes(10).toString('hex')}`
}

/** The marker of this run; outside of one, of this process. */
export const MARKER = process.env[MARKER_VARIABLE] ?? makeMarker()

/** A secret for tests: within a run the same for the same name. Good as a token, as a password and as content. */
export function makeSecret(name: string): string {
  return `${name}-${MARKER}`
}

/** Chance whose secrets carry the marker: what is as long as one begins with it. Shorter things, such as ids and user codes, are left to chance. */
export const markedRandom: RandomSource = bytes =>
  bytes < SECRET_BYTES ? chance(bytes) : Buffer.concat([Buffer.from(MARKER.slice(0, MARKED_BYTES)), chance(bytes - MARKED_BYTES)])

/** As it was before anybody put marked chance in its place. */
const chance: RandomSource = randomBytes
const SECRET_BYTES = 24
/** The rest is chance enough to tell any two apart. */
const MARKED_BYTES = 18
