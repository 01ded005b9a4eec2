/**
 * The dispatcher: gives every work item without a live attempt its next step. It asks where the inputs lie, asks `place()`, and stores the
 * decision with a PLACED attempt; what no site may ever run ends here, with the reasons; what some site could run later waits here.
 * One replica does it at a time, under the lease `dispatch`.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type Attempt,
  type AttemptId,
  type Decision,
  explainDecision,
  explainWaiting,
  placeAgain,
  placeAttempt,
  placeInSight,
  type SettleRules,
  type SiteId,
  settleWork,
  type Work,
  type WorkFate,
  type WorkId,
} from '@portolan/federation'
import { isTerminal, type TesTask } from '@portolan/tes'
import type { Logger } from 'pino'
import { SYSTEM } from '../auth/principal.ts'
import type { Bus } from '../bus/bus.ts'
import type { Locator } from '../data/locator.ts'
import { type LeaseProof, type Store, StoreUnavailable, type WorkRow, type WorkWrite } from '../stores/store.ts'
import { fateChanges } from './compose-write.ts'
import type { DecisionArchive } from './decision-archive.ts'
import { describeLocated } from './describe.ts'
import { ownerOf } from './fair-order.ts'
import type { HeldWork } from './held-work.ts'
import type { LeaseHolder } from './lease.ts'
import type { ReconcileObserver } from './observer.ts'
import type { OfferGuard } from './offer-guard.ts'
import type { ProjectUse } from './project-use.ts'
import type { SnapshotSource } from './snapshot-source.ts'
import type { TaskSight } from './task-sight.ts'
import type { Unanswered } from './unanswered.ts'
import type { WorkQueue } from './work-queue.ts'

/** Work that is located at the same time. */
const LOCATE_AT_ONCE = 16
const SCAN_MS = 1_000
/** Listing a long queue may take this part of the time, so that many wake-ups do not list it again and again. */
const LIST_SHARE = 10
const LIST_PAUSE_MAX_MS = 2_000

export interface DispatcherPorts {
  readonly store: Store
  readonly locator: Locator
  readonly bus: Bus
  readonly lease: LeaseHolder
  readonly snapshots: SnapshotSource
  readonly use: ProjectUse
  /** What the lines of a task may name. */
  readonly sights: TaskSight
  readonly archive: DecisionArchive
  readonly queue: WorkQueue
  readonly held: HeldWork
  readonly guard: OfferGuard
  /** Creates of this process: what they have stored is left alone until they are answered. */
  readonly unanswered: Pick<Unanswered, 'has'>
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
}

interface Candidate {
  readonly row: WorkRow
  readonly attempts: readonly Attempt[]
  readonly fate: WorkFate
  readonly work: Work
  readonly documentText: string
}

type Change = Omit<WorkWrite, 'id' | 'expectedVersion'>

export function createDispatcher(ports: DispatcherPorts): Dispatcher {
  const { store, locator, bus, lease, snapshots, use, archive, queue, held, guard, unanswered, rules, now, log } = ports

  let listAgainAt = 0

  async function round(signal: AbortSignal): Promise<number> {
    if (listAgainAt > now()) return listAgainAt
    const proof = await lease.hold()
    if (!proof) return now() + SCAN_MS
    const startedAt = now()
    const due = await queue.list(signal)
    const endedAt = now()
    listAgainAt = endedAt + Math.min((LIST_SHARE - 1) * (endedAt - startedAt), LIST_PAUSE_MAX_MS)
    for (let i = 0; i < due.length && !signal.aborted; i += LOCATE_AT_ONCE) {
      const batch = due.slice(i, i + LOCATE_AT_ONCE).filter(({ id, cancelled }) => cancelled || !held.rests(id, snapshots, use))
      if (batch.length === 0) continue
      const candidates = await Promise.all(batch.map(({ id }) => guarded(id, () => examine(proof, id))))
      await Promise.all(candidates.flatMap(found => (found ? [guarded(found.row.id, () => decide(proof, found))] : [])))
      await nextTurn()
    }
    return now() + SCAN_MS
  }

  /** What goes wrong with one work item holds up no other; without the store nothing can go on. */
  async function guarded<T>(id: WorkId, step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step()
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error
      log.error({ err: error, task: id }, 'a task could not be placed')
      held.postpone(id)
      return undefined
    }
  }

  /** Finds out what the work item needs; ends it here if nothing more can come of it. */
  async function examine(proof: LeaseProof, id: WorkId): Promise<Candidate | undefined> {
    if (unanswered.has(id)) return undefined
    const row = store.getWork(SYSTEM, id)
    if (!row || isTerminal(row.state)) return undefined
    if (row.holdUntil && row.cancelRequestedAt === undefined) {
      if (row.holdUntil > now()) return undefined
      // Its client hung up before the answer and nobody has claimed it since. The next round ends it.
      await store.execute({ kind: 'giveUp', principal: SYSTEM, id, held: true, now: now() })
      bus.wake('dispatch')
      return undefined
    }
    const attempts = store.getAttempts(SYSTEM, id)
    const fate = settleWork(row, attempts, rules, now())
    if (fate.next === 'wait') return undefined
    if (fate.next === 'done') {
      held.forget(id)
      await write(proof, row, { ...fateChanges(row, fate, attempts, now()), notes: fate.notes })
      return undefined
    }
    const document = store.getDocument(SYSTEM, id)
    if (!document) return undefined
    const task: TesTask = JSON.parse(document.documentText)
    const documentBytes = Buffer.byteLength(document.documentText)
    const { triedSites, resendTo } = fate
    const identity = { id, project: row.project, documentBytes, triedSites, resendTo }
    const work = await describeLocated(task, identity, locator, () => snapshots.compiled(now()))
    return { row, attempts, fate, work, documentText: document.documentText }
  }

  /** Places one work item and stores what came out. The choice counts at once for the next in this round. */
  async function decide(proof: LeaseProof, { row, attempts, fate, work: described, documentText }: Candidate): Promise<void> {
    const compiled = snapshots.compiled(now())
    const { work, decision } = placeAgain(compiled, { ...described, underWay: use.underWay(row.project) })
    ports.observer.decided(decision.outcome)
    if (decision.outcome === 'hold' && !held.note(row.id, decision, use.hasRoom(row.project) ? undefined : row.project)) return
    const arrived = decision.chosen ? snapshots.dispatched(decision.chosen) : undefined
    const counted = decision.chosen ? use.started(row.project) : undefined
    let stored = false
    try {
      const shown = (): Decision => {
        const sight = ports.sights(row.project)
        return sight === undefined ? decision : placeInSight(compiled, work, sight)
      }
      const decisionText = await archive.pack(compiled.snapshot, work, decision, documentText)
      switch (decision.outcome) {
        case 'hold':
          stored = await write(proof, row, { decisionText, notes: [...fate.notes, ...explainWaiting(shown())] })
          return
        case 'refused': {
          const notes = [...fate.notes, ...explainDecision(shown())]
          stored = await write(proof, row, { decisionText, state: 'SYSTEM_ERROR', endedAt: now(), notes })
          return
        }
        case 'placed':
          if (decision.chosen) stored = await sendTo(proof, row, attempts.length + 1, decision.chosen, { decisionText, notes: fate.notes })
      }
    } finally {
      arrived?.(stored)
      counted?.(stored)
      if (!stored || decision.outcome !== 'hold') held.forget(row.id)
    }
  }

  async function sendTo(proof: LeaseProof, row: WorkRow, number: number, site: SiteId, change: Change): Promise<boolean> {
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
    guard.trust(attempt.id, row.project)
    queue.served(ownerOf(row))
    const stored = await write(proof, row, { ...change, countsAttempt: attempt.id, countsSite: site }, attempt)
    if (stored) bus.wake(`site:${site}`)
    else guard.forget(attempt.id)
    return stored
  }

  async function write(proof: LeaseProof, row: WorkRow, change: Change, attempt?: Attempt): Promise<boolean> {
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

  return { round }
}
