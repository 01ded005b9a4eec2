/**
 * What the site worker can do: one function per action of `plan()`. Each speaks with the site once and records what came of it; offers and reads
 * have files of their own. No rule lives here: which action, when, and how often was decided before.
 */
import {
  type Attempt,
  type AttemptEvent,
  diffSweep,
  isBusyWith,
  type Site,
  type SiteTaskId,
  type SiteView,
  type SweepDiff,
  type SweepResult,
} from '@portolan/federation'
import type { Logger } from 'pino'
import { SYSTEM } from '../auth/principal.ts'
import type { Observation } from '../sites/gateway.ts'
import type { LeaseProof, WorkRow } from '../stores/store.ts'
import { createOfferAction, type OfferAction, type OfferActionPorts } from './offer-action.ts'
import { mistakeDoubt } from './planted-faults.ts'
import { createReadActions, type ReadActionPorts, type ReadActions } from './read-action.ts'
import { type ActionOutcome, recordAction } from './record-action.ts'
import type { SweptChange } from './recorder.ts'
import { noteSweep } from './site-contact.ts'
import type { TaskTags } from './task-tags.ts'

export interface SiteActions extends ReadActions {
  readonly offer: OfferAction
  /** `look` shows the site's attempts as they are when the listing is complete: it may show tasks that were sent after it began. */
  sweep(detail: 'MINIMAL' | 'BASIC', look: () => Promise<SiteView>, lease: LeaseProof, signal: AbortSignal): Promise<ActionOutcome>
  withdraw(attempt: Attempt, work: WorkRow, id: SiteTaskId, lease: LeaseProof, signal: AbortSignal): Promise<ActionOutcome>
  apply(attempt: Attempt, event: AttemptEvent, lease: LeaseProof): Promise<ActionOutcome>
}

export interface SiteActionPorts extends OfferActionPorts, ReadActionPorts {
  readonly log: Logger
}

export function createSiteActions(ports: SiteActionPorts): SiteActions {
  const { site, gateway, store, recorder, contact, ledger, tags, faults, observer, now, log } = ports
  const { read, look } = createReadActions(ports)

  async function sweep(
    detail: 'MINIMAL' | 'BASIC',
    look: () => Promise<SiteView>,
    lease: LeaseProof,
    signal: AbortSignal,
  ): Promise<ActionOutcome> {
    const startedAt = now()
    const observation = await gateway.observe(detail, signal)
    ledger.answered('list', observation.failure)
    observer.swept(site.id, observation.complete, now() - startedAt, observation.tasks.length)
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

  async function withdraw(attempt: Attempt, work: WorkRow, id: SiteTaskId, lease: LeaseProof, signal: AbortSignal): Promise<ActionOutcome> {
    const answer = await gateway.withdraw(id, work.owner, signal)
    ledger.answered('cancel', answer.outcome === 'failed' ? answer.failure : undefined)
    if (answer.outcome !== 'failed') contact.lastAnswerAt = now()
    const told = await recordAction(recorder, lease, attempt, [{ kind: 'cancelSent', at: now() }])
    if (told === 'fenced' || answer.outcome === 'failed') return told
    return look(attempt, id, lease, signal)
  }

  return {
    offer: createOfferAction(ports),
    sweep,
    read,
    look,
    withdraw,
    apply: (attempt, event, lease) => recordAction(recorder, lease, attempt, [mistakeDoubt(faults, event, now())]),
  }
}

/** All that a sweep says of one attempt, in its order: an adoption and the state that was seen belong together. */
function groupByAttempt(diff: SweepDiff, view: SiteView): readonly SweptChange[] {
  const events = Map.groupBy(diff.events, ({ attempt }) => attempt)
  return view.attempts.flatMap(({ attempt: { id, work, version } }) => {
    const own = events.get(id)
    return own && !isBusyWith(view, id) ? [{ work, attempt: id, version, events: own.map(({ event }) => event) }] : []
  })
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
