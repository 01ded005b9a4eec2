/**
 * How every action at a site writes down what came of it, under the lease of the site.
 */
import type { Attempt, AttemptEvent } from '@portolan/federation'
import type { LeaseProof } from '../stores/store.ts'
import type { Evidence } from './compose-write.ts'
import type { Recorder } from './recorder.ts'

/** `fenced`: another replica has the site now, and nothing was written. */
export type ActionOutcome = 'done' | 'fenced'

/** What does not apply to the attempt any more changes nothing, and is `done`. */
export async function recordAction(
  recorder: Recorder,
  lease: LeaseProof,
  attempt: Attempt,
  events: readonly AttemptEvent[],
  evidence?: Evidence,
): Promise<ActionOutcome> {
  const { outcome } = await recorder.record(lease, attempt.work, attempt.id, events, evidence)
  return outcome === 'fenced' ? 'fenced' : 'done'
}
