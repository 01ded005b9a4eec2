/**
 * The dispatcher: gives every work item without a live attempt its next step. It asks where the inputs lie, asks `place()`, and stores the
 * decision with a PLACED attempt; what no site may ever run ends here, with the reasons; what some site could run later waits here.
 * One replica does it at a time, under the lease `dispatch`.
 */
import {
  type Attempt,
  type AttemptId,
  explainDecision,
  place,
  placeAttempt,
  type SettleRules,
  type SiteId,
  settleWork,
  type Work,
  type WorkFate,
} from '@portolan/federation'
import { isTerminal, type TesTask } from '@portolan/tes'
import type { Logger } from 'pino'
import { SYSTEM } from '../auth/principal.ts'
import type { Bus } from '../bus/bus.ts'
import type { Locator } from '../data/locator.ts'
import type { LeaseProof, Store, WorkRow, WorkWrite } from '../stores/store.ts'
import { fateChanges } from './compose-write.ts'
import type { DecisionArchive } from './decision-archive.ts'
import { describeLocated } from './describe.ts'
import { fairOrder } from './fair-order.ts'
import type { LeaseHolder } from './lease.ts'
import type { ReconcileObserver } from './observer.ts'
import type { SnapshotSource } from './snapshot-source.ts'

/** Due work read at once, and located at the same time. */
const BATCH = 200
const LOCATE_AT_ONCE = 16
/** A held work item is looked at again after this long even if no site has got room. */
const HELD_AGAIN_MS = 5_000
/** More than this many are forgotten, and so looked at once more. */
const HELD_REMEMBERED = 50_000

export interface DispatcherPorts {
  readonly store: Store
  readonly locator: Locator
  readonly bus: Bus
  readonly lease: LeaseHolder
  readonly snapshots: SnapshotSource
  readonly archive: DecisionArchive
  readonly rules: SettleRules
  readonly newAttemptId: () => AttemptId
  readonly newNonce: () => string
  readonly tagKeyId: () => string
  readonly now: () => number
  readonly log: Logger
  readonly observer: ReconcileObserver
}

export interface Dispatcher {
  /** One round over all due work. Answers when the next round is due at the latest. */
  round(signal: AbortSignal): Promise<number>
  /** A site has got room, or its state has changed: held work is worth another look. */
  roomChanged(): void
}

interface Candidate {
  readonly row: WorkRow
  readonly attempts: readonly Attempt[]
  readonly fate: WorkFate
  readonly work: Work
  readonly documentText: string
}

export function createDispatcher(ports: DispatcherPorts): Dispatcher {
  const { store, locator, bus, lease, snapshots, archive, rules, now, log } = ports
  const held = new Map<string, { readonly until: number; readonly why: string }>()
  let lookAgain = false

  async function round(signal: AbortSignal): Promise<number> {
    const proof = await lease.hold()
    if (!proof) return now() + 1000
    const again = lookAgain
    lookAgain = false
    let after: WorkRow | undefined
    do {
      const rows = store.listDue(SYSTEM, BATCH, now(), after?.id)
      after = rows.length === BATCH ? rows.at(-1) : undefined
      const due = fairOrder(rows.filter(row => row.cancelRequestedAt !== undefined || again || (held.get(row.id)?.until ?? 0) <= now()))
      for (let i = 0; i < due.length && !signal.aborted; i += LOCATE_AT_ONCE) {
        const candidates = await Promise.all(due.slice(i, i + LOCATE_AT_ONCE).map(row => examine(proof, row)))
        await Promise.all(candidates.flatMap(candidate => (candidate ? [decide(proof, candidate)] : [])))
        await new Promise(resolve => setImmediate(resolve))
      }
    } while (after && !signal.aborted)
    if (held.size > HELD_REMEMBERED) held.clear()
    return now() + 1000
  }

  /** Finds out what the work item needs; ends it here if nothing more can come of it. */
  async function examine(proof: LeaseProof, row: WorkRow): Promise<Candidate | undefined> {
    if (row.holdUntil) {
      // Its client hung up before the answer and nobody has claimed it since.
      await store.execute({ kind: 'requestCancel', principal: SYSTEM, id: row.id, now: now() })
      return undefined
    }
    const attempts = store.getAttempts(SYSTEM, row.id)
    const fate = settleWork(row, attempts, rules, now())
    if (fate.next === 'wait') return undefined
    if (fate.next === 'done') {
      await write(proof, row, { ...fateChanges(row, fate, attempts, now()), notes: fate.notes })
      return undefined
    }
    const document = store.getDocument(SYSTEM, row.id)
    if (!document) return undefined
    const task: TesTask = JSON.parse(document.documentText)
    const identity = {
      id: row.id,
      project: row.project,
      documentBytes: Buffer.byteLength(document.documentText),
      triedSites: fate.triedSites,
    }
    return { row, attempts, fate, work: await describeLocated(task, identity, locator), documentText: document.documentText }
  }

  /** Places one work item and stores what came out. The choice counts at once for the next in this round. */
  async function decide(proof: LeaseProof, candidate: Candidate): Promise<void> {
    const { row, attempts, fate, work, documentText } = candidate
    const snapshot = snapshots.take(now())
    const decision = place(snapshot, fate.resendTo ? { ...work, hints: { ...work.hints, site: fate.resendTo } } : work)
    if (decision.chosen) snapshots.dispatched(decision.chosen)
    ports.observer.decided(decision.outcome)
    if (decision.outcome === 'hold') {
      const known = held.get(row.id)
      held.set(row.id, { until: now() + HELD_AGAIN_MS, why: decision.why })
      if (known?.why === decision.why) return
    }
    const decisionText = await archive.pack(snapshot, work, decision, documentText)
    switch (decision.outcome) {
      case 'hold':
        await write(proof, row, { decisionText, notes: [...fate.notes, `waiting: ${decision.why}`] })
        return
      case 'refused':
        await write(proof, row, {
          decisionText,
          state: 'SYSTEM_ERROR',
          endedAt: now(),
          notes: [...fate.notes, ...explainDecision(decision)],
        })
        return
      case 'placed':
        if (decision.chosen) await sendTo(proof, row, attempts.length + 1, decision.chosen, { decisionText, notes: fate.notes })
    }
  }

  async function sendTo(
    proof: LeaseProof,
    row: WorkRow,
    number: number,
    site: SiteId,
    change: Omit<WorkWrite, 'id' | 'expectedVersion'>,
  ): Promise<void> {
    const attempt = placeAttempt({
      id: ports.newAttemptId(),
      work: row.id,
      site,
      number,
      nonce: ports.newNonce(),
      tagKeyId: ports.tagKeyId(),
      epoch: proof.epoch,
      at: now(),
    })
    held.delete(row.id)
    if (await write(proof, row, { ...change, countsAttempt: attempt.id, countsSite: site }, attempt)) bus.wake(`site:${site}`)
  }

  async function write(
    proof: LeaseProof,
    row: WorkRow,
    change: Omit<WorkWrite, 'id' | 'expectedVersion'>,
    attempt?: Attempt,
  ): Promise<boolean> {
    const answer = await store.execute({
      kind: 'decide',
      principal: SYSTEM,
      lease: proof,
      work: { id: row.id, expectedVersion: row.version, ...change },
      attempt,
      now: now(),
    })
    if (answer.outcome === 'fenced') lease.drop()
    if (answer.outcome !== 'done') log.debug({ task: row.id, outcome: answer.outcome }, 'a decision was overtaken')
    else if (isTerminal(change.state)) ports.observer.taskEnded(change.state)
    return answer.outcome === 'done'
  }

  return {
    round,
    roomChanged() {
      lookAgain = true
      bus.wake('dispatch')
    },
  }
}
