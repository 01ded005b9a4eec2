/**
 * What the site worker can do: one function per action of `plan()`. Each speaks with the site once and records what came of it.
 * No rule lives here: which action, when, and how often was decided before.
 */
import {
  type Attempt,
  type AttemptEvent,
  diffSweep,
  prepare,
  type Site,
  type SiteTaskId,
  type SiteView,
  type SweepDiff,
  type SweepResult,
} from '@portolan/federation'
import { isTerminal, type TesTask, type TesTaskLog } from '@portolan/tes'
import type { Logger } from 'pino'
import { SYSTEM } from '../auth/principal.ts'
import type { Observation, OfferAnswer, ReadAnswer, SiteGateway } from '../sites/gateway.ts'
import type { OperationFailure } from '../sites/health.ts'
import type { LeaseProof, Store, WorkRow } from '../stores/store.ts'
import { capLog } from './cap-log.ts'
import type { Evidence } from './compose-write.ts'
import type { ReconcileObserver } from './observer.ts'
import type { OfferGuard } from './offer-guard.ts'
import type { PlantedFaults } from './planted-faults.ts'
import type { Recorder, SweptChange } from './recorder.ts'
import { noteSweep, type SiteContact } from './site-contact.ts'
import type { SiteLedger } from './site-ledger.ts'
import type { TaskTags } from './task-tags.ts'

type Outcome = 'done' | 'fenced'

export interface SiteActions {
  offer(attempt: Attempt, work: WorkRow, lease: LeaseProof, signal: AbortSignal): Promise<Outcome>
  /** `look` shows the site's attempts as they are when the listing is complete: it may show tasks that were sent after it began. */
  sweep(detail: 'MINIMAL' | 'BASIC', look: () => Promise<SiteView>, lease: LeaseProof, signal: AbortSignal): Promise<Outcome>
  read(attempt: Attempt, id: SiteTaskId, lease: LeaseProof, signal: AbortSignal): Promise<Outcome>
  look(attempt: Attempt, id: SiteTaskId, lease: LeaseProof, signal: AbortSignal): Promise<Outcome>
  withdraw(attempt: Attempt, work: WorkRow, id: SiteTaskId, lease: LeaseProof, signal: AbortSignal): Promise<Outcome>
  apply(attempt: Attempt, event: AttemptEvent, lease: LeaseProof): Promise<Outcome>
}

export interface SiteActionPorts {
  readonly site: Site
  readonly gateway: SiteGateway
  readonly store: Store
  readonly recorder: Recorder
  readonly contact: SiteContact
  readonly ledger: SiteLedger
  readonly tags: TaskTags
  readonly guard: OfferGuard
  readonly faults: PlantedFaults
  readonly observer: ReconcileObserver
  readonly now: () => number
  readonly log: Logger
}

export function createSiteActions(ports: SiteActionPorts): SiteActions {
  const { site, gateway, store, recorder, contact, ledger, tags, now, log } = ports

  async function record(attempt: Attempt, events: readonly AttemptEvent[], lease: LeaseProof, evidence?: Evidence): Promise<Outcome> {
    const { outcome } = await recorder.record(lease, attempt.work, attempt.id, events, evidence)
    return outcome === 'fenced' ? 'fenced' : 'done'
  }

  async function offer(attempt: Attempt, work: WorkRow, lease: LeaseProof, signal: AbortSignal): Promise<Outcome> {
    const document = store.getDocument(SYSTEM, work.id)
    if (!document) return 'done'
    const task: TesTask = JSON.parse(document.documentText)
    const refusal = await ports.guard.forbids(task, work, attempt)
    if (refusal) return record(attempt, [{ kind: 'withdrawUnsent', at: now(), detail: refusal }], lease)
    const prepared = prepare(task, site, { tags: tags.write(attempt) })
    const intents: AttemptEvent[] = [
      { kind: 'intend', at: now() },
      { kind: 'send', at: now() },
    ]
    if (!ports.faults.intentAfterPost) {
      const sent = await recorder.record(lease, attempt.work, attempt.id, intents)
      if (sent.outcome !== 'done') return sent.outcome === 'fenced' ? 'fenced' : 'done'
    }
    const offeredAt = now()
    const answer = await gateway.offer(prepared.document, work.owner, signal)
    ports.observer.offered(site.id, answer.outcome, now() - offeredAt)
    const wasAsked = answer.outcome !== 'rejected' || answer.asked !== false
    if (wasAsked) ledger.answered('submit', submitFailure(answer))
    if (wasAsked && answer.outcome !== 'ambiguous') contact.lastAnswerAt = now()
    const outcome =
      ports.faults.resendWithoutLooking && answer.outcome === 'ambiguous' ? unsent(answer.detail) : offerEvent(answer, site, now())
    return record(attempt, ports.faults.intentAfterPost ? [...intents, outcome] : [outcome], lease)
  }

  const unsent = (detail: string): AttemptEvent => ({ kind: 'reject', at: now(), rejection: 'unsent', detail })

  async function sweep(
    detail: 'MINIMAL' | 'BASIC',
    look: () => Promise<SiteView>,
    lease: LeaseProof,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const startedAt = now()
    const observation = await gateway.observe(detail, signal)
    ledger.answered('list', observation.failure)
    ports.observer.swept(site.id, observation.complete, now() - startedAt, observation.tasks.length)
    if (signal.aborted) return 'done'
    const result = sweepResult(site, observation, detail, startedAt, now(), tags)
    if (observation.complete || observation.tasks.length > 0) contact.lastAnswerAt = now()
    const view = await look()
    const diff = diffSweep(view, result, contact.understood)
    noteSweep(contact, result, diff)
    if (diff.quarantined) log.error({ site: site.id }, 'many tasks vanished at once: the listing is not believed')
    const changes = groupByAttempt(diff, view)
    const outcome = await recorder.recordSweep(lease, changes)
    // A refused write may mean that another replica has this site now: what it adopted must not be cancelled.
    if (outcome !== 'done') return outcome === 'fenced' ? 'fenced' : 'done'
    for (const late of diff.reap) {
      // It ended while the listing was on its way.
      const known = store.findAttemptBySiteTask(SYSTEM, site.id, late.siteTaskId)
      if (known?.end !== undefined && known.givenUpAt === undefined && (known.endedAt ?? 0) >= startedAt) continue
      log.warn(
        { site: site.id, siteTask: late.siteTaskId, attempt: late.attempt, reason: late.reason },
        'cancelling a task that should not be there',
      )
      const answer = await gateway.withdraw(late.siteTaskId, undefined, signal)
      ledger.answered('cancel', answer.outcome === 'failed' ? answer.failure : undefined)
    }
    return 'done'
  }

  async function read(attempt: Attempt, id: SiteTaskId, lease: LeaseProof, signal: AbortSignal): Promise<Outcome> {
    const answer = await ask(attempt, id, 'FULL', signal)
    if (answer.outcome === 'found' && isTerminal(answer.state)) {
      contact.reads.delete(attempt.id)
      return record(
        attempt,
        [{ kind: 'confirm', at: now(), state: answer.state, detail: endDetail(answer.log) }],
        lease,
        evidenceOf(answer.log),
      )
    }
    if (answer.outcome === 'failed') contact.reads.set(attempt.id, (contact.reads.get(attempt.id) ?? 0) + 1)
    else contact.reads.delete(attempt.id)
    return recordSight(attempt, answer, lease)
  }

  async function look(attempt: Attempt, id: SiteTaskId, lease: LeaseProof, signal: AbortSignal): Promise<Outcome> {
    return recordSight(attempt, await ask(attempt, id, 'MINIMAL', signal), lease)
  }

  async function ask(attempt: Attempt, id: SiteTaskId, view: 'MINIMAL' | 'FULL', signal: AbortSignal): Promise<ReadAnswer> {
    contact.askedAt.set(attempt.id, now())
    const answer = await gateway.read(id, view, signal)
    ledger.answered('get', answer.outcome === 'failed' ? answer.failure : undefined)
    if (answer.outcome !== 'failed') contact.lastAnswerAt = now()
    return answer
  }

  async function recordSight(attempt: Attempt, answer: ReadAnswer, lease: LeaseProof): Promise<Outcome> {
    switch (answer.outcome) {
      case 'found':
        return record(attempt, [{ kind: 'see', at: now(), state: answer.state }], lease)
      case 'absent':
        return record(attempt, [{ kind: 'vanish', at: now() }], lease)
      case 'failed':
        return 'done'
    }
  }

  async function withdraw(attempt: Attempt, work: WorkRow, id: SiteTaskId, lease: LeaseProof, signal: AbortSignal): Promise<Outcome> {
    const answer = await gateway.withdraw(id, work.owner, signal)
    ledger.answered('cancel', answer.outcome === 'failed' ? answer.failure : undefined)
    if (answer.outcome !== 'failed') contact.lastAnswerAt = now()
    const told = await record(attempt, [{ kind: 'cancelSent', at: now() }], lease)
    if (told === 'fenced' || answer.outcome === 'failed') return told
    return look(attempt, id, lease, signal)
  }

  return {
    offer,
    sweep,
    read,
    look,
    withdraw,
    apply: (attempt, event, lease) =>
      record(attempt, [ports.faults.resendWithoutLooking && event.kind === 'doubt' ? unsent(event.detail) : event], lease),
  }
}

/** All that a sweep says of one attempt, in its order: an adoption and the state that was seen belong together. */
function groupByAttempt(diff: SweepDiff, view: SiteView): readonly SweptChange[] {
  const events = Map.groupBy(diff.events, ({ attempt }) => attempt)
  return view.attempts.flatMap(({ attempt: { id, work, version } }) => {
    const own = events.get(id)
    return own && !view.inFlight.has(id) ? [{ work, attempt: id, version, events: own.map(({ event }) => event) }] : []
  })
}

function offerEvent(answer: OfferAnswer, site: Site, at: number): AttemptEvent {
  switch (answer.outcome) {
    case 'accepted':
      return { kind: 'accept', at, siteTaskId: answer.siteTaskId }
    case 'rejected':
      return { kind: 'reject', at, rejection: answer.rejection, detail: answer.detail }
    case 'ambiguous':
      return { kind: 'doubt', at, settleMs: site.tracking.settleMs, detail: answer.detail }
  }
}

/** What a failed offer says of the site; a refused document says nothing of it. */
function submitFailure(answer: OfferAnswer): OperationFailure | undefined {
  if (answer.outcome === 'accepted') return undefined
  const { trouble } = answer
  if (answer.outcome === 'ambiguous') return { kind: 'timeout', trouble }
  switch (answer.rejection) {
    case 'unsent':
      return { kind: 'unreachable', trouble }
    case 'busy':
      return { kind: 'busy', retryAfterMs: answer.retryAfterMs, trouble }
    case 'auth':
      return { kind: 'auth', trouble }
    case 'document':
      return undefined
    case 'refused':
      return { kind: 'refused' }
  }
}

function sweepResult(
  site: Site,
  observation: Observation,
  view: 'MINIMAL' | 'BASIC',
  startedAt: number,
  endedAt: number,
  tags: TaskTags,
): SweepResult {
  return {
    site: site.id,
    view,
    startedAt,
    endedAt,
    complete: observation.complete,
    entries: observation.tasks.map(task => ({
      siteTaskId: task.siteTaskId,
      state: task.state,
      tag: task.tags && tags.read(site.id, task.tags),
    })),
  }
}

/** What the site said at the end, in one line. */
function endDetail(log: TesTaskLog | undefined): string {
  return log?.system_logs?.at(-1) ?? ''
}

function evidenceOf(log: TesTaskLog | undefined): Evidence {
  if (!log) return {}
  return {
    logText: JSON.stringify(capLog(log)),
    outputs: log.outputs.map(output => ({ url: output.url, path: output.path, sizeBytes: output.size_bytes })),
  }
}
