/**
 * Keeps decisions small: what is common to many (sites, policies, locations) is stored once under its digest, what differs goes with the work
 * item, and the whole decision is recomputed from both by the same `place()`.
 */
import { createHash } from 'node:crypto'
import {
  type Decision,
  type DecisionRecord,
  packDecision,
  policyText,
  replayDecision,
  type Sight,
  type Snapshot,
  type Work,
} from '@portolan/federation'
import { SYSTEM } from '../auth/principal.ts'
import type { Store } from '../stores/store.ts'

export interface DecisionArchive {
  /** The text to store with the work item; `documentText` is the task's document as it is stored. */
  pack(snapshot: Snapshot, work: Work, decision: Decision, documentText: string): Promise<string>
  /** The decision, to the byte, or what `sight` shows of it; undefined if what it was taken from is no longer kept, or the rules have changed since. */
  unpack(decisionText: string, documentText: string, sight?: Sight): Decision | undefined
}

export function createDecisionArchive(store: Store, now: () => number): DecisionArchive {
  const kept = new Map<string, Promise<string>>()

  /** Digest of the policies of this snapshot, stored at first use. */
  function keepPolicies(snapshot: Snapshot): Promise<string> {
    const known = kept.get(snapshot.policyVersion)
    if (known) return known
    const putting = store
      .execute({ kind: 'putBlob', principal: SYSTEM, text: policyText(snapshot), now: now() })
      .then(({ digest }) => digest)
    kept.set(snapshot.policyVersion, putting)
    putting.catch(() => kept.delete(snapshot.policyVersion))
    return putting
  }

  return {
    async pack(snapshot, work, decision, documentText) {
      const digests = { policy: await keepPolicies(snapshot), task: createHash('sha256').update(documentText).digest('hex') }
      return JSON.stringify(packDecision(snapshot, work, decision, digests))
    },
    unpack(decisionText, documentText, sight) {
      const record: DecisionRecord = JSON.parse(decisionText)
      const policy = store.getBlob(SYSTEM, record.digests.policy)
      return policy === undefined ? undefined : replayDecision(record, { policy, task: documentText }, sight)
    },
  }
}
