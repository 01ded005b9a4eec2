/**
 * Offers a task to the site that it was placed at: looks once more whether it may go there, has the links made that the site needs, writes the document
 * for that site, makes the intent durable, sends it once, and records the answer. What to make of a doubt is left to `plan()`.
 */
import { type Attempt, type AttemptEvent, prepare, type Site } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import { SYSTEM } from '../auth/principal.ts'
import type { Links } from '../data/links.ts'
import type { OfferAnswer, SiteGateway } from '../sites/gateway.ts'
import type { OperationFailure } from '../sites/health.ts'
import type { LeaseProof, Store, WorkRow } from '../stores/store.ts'
import { findClash } from './find-clash.ts'
import type { HeldWork } from './held-work.ts'
import type { ReconcileObserver } from './observer.ts'
import type { OfferGuard } from './offer-guard.ts'
import { mistakeDoubt, type PlantedFaults } from './planted-faults.ts'
import { type ActionOutcome, recordAction } from './record-action.ts'
import type { Recorder } from './recorder.ts'
import type { SiteContact } from './site-contact.ts'
import type { SiteLedger } from './site-ledger.ts'
import { stageInputs } from './stage-inputs.ts'
import type { TaskTags } from './task-tags.ts'

/** What looks as if it would last is tried so often: sizes that were guessed at first may be known the next time. */
const LASTING_TRIES = 3
/** Doubled with each attempt. */
const PAUSE_MS = 10_000
const PAUSE_MAX_MS = 600_000

export type OfferAction = (attempt: Attempt, work: WorkRow, lease: LeaseProof, signal: AbortSignal) => Promise<ActionOutcome>

export interface OfferActionPorts {
  readonly site: Site
  readonly gateway: SiteGateway
  readonly store: Store
  readonly recorder: Recorder
  readonly contact: SiteContact
  readonly ledger: SiteLedger
  readonly tags: TaskTags
  readonly guard: OfferGuard
  readonly links: Links
  readonly held: Pick<HeldWork, 'postpone'>
  readonly faults: PlantedFaults
  readonly observer: ReconcileObserver
  readonly now: () => number
}

export function createOfferAction(ports: OfferActionPorts): OfferAction {
  const { site, gateway, store, recorder, contact, ledger, tags, guard, links, held, faults, observer, now } = ports

  function withdraw(attempt: Attempt, lease: LeaseProof, why: string) {
    return recordAction(recorder, lease, attempt, [{ kind: 'withdrawUnsent', at: now(), detail: why }])
  }

  /** Nothing was sent, and nobody is to blame: it is placed anew after a while, or ends if that could only be the same again. */
  function hold(attempt: Attempt, lease: LeaseProof, { lasting, why }: { readonly lasting: boolean; readonly why: string }) {
    const at = now()
    if (lasting && attempt.number >= LASTING_TRIES) {
      const refused: AttemptEvent = { kind: 'reject', at, rejection: 'document', detail: why }
      return recordAction(recorder, lease, attempt, [{ kind: 'intend', at }, { kind: 'send', at }, refused])
    }
    held.postpone(attempt.work, Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** Math.min(attempt.number, 16)))
    return withdraw(attempt, lease, why)
  }

  return async function offer(attempt, work, lease, signal) {
    const document = store.getDocument(SYSTEM, work.id)
    if (!document) return 'done'
    const written: TesTask = JSON.parse(document.documentText)
    const judged = await guard.judge(written, work, attempt, signal)
    if (signal.aborted) return 'done'
    if (judged.outcome === 'forbidden') return withdraw(attempt, lease, judged.why)
    if (judged.outcome === 'unknown') return hold(attempt, lease, { lasting: false, why: judged.why })
    const { task, met, staging } = judged
    const made = await stageInputs(links, staging, site.limits.maxDocumentBytes, signal)
    if (signal.aborted) return 'done'
    if (made.outcome === 'moved') {
      // What leads elsewhere at each look is not asked for without a pause.
      return attempt.number < LASTING_TRIES ? withdraw(attempt, lease, made.why) : hold(attempt, lease, { lasting: false, why: made.why })
    }
    if (made.outcome === 'failed') return hold(attempt, lease, made)
    const prepared = prepare(task, site, { tags: tags.write(attempt), forms: staging.forms, staged: made.staged })
    const unfit =
      made.staged.length > 0 ? (findExcess(prepared.document, site) ?? findClash(prepared.document.inputs ?? [], made.staged)) : undefined
    if (unfit !== undefined) return hold(attempt, lease, { lasting: true, why: unfit })
    const intents: AttemptEvent[] = [
      {
        kind: 'intend',
        at: now(),
        ...(made.hosts.length > 0 && { linkHosts: made.hosts }),
        ...(made.until !== undefined && { linksUntil: made.until }),
        ...(met && { pathMaps: met }),
      },
      { kind: 'send', at: now() },
    ]
    if (!faults.intentAfterPost) {
      const sent = await recorder.record(lease, attempt.work, attempt.id, intents)
      if (sent.outcome !== 'done') return sent.outcome === 'fenced' ? 'fenced' : 'done'
    }
    const offeredAt = now()
    const answer = await gateway.offer(prepared.document, work.owner, signal, prepared.secrets, made.hosts)
    observer.offered(site.id, answer.outcome, now() - offeredAt)
    const wasAsked = answer.outcome !== 'rejected' || answer.asked !== false
    if (wasAsked) ledger.answered('submit', submitFailure(answer))
    if (wasAsked && answer.outcome !== 'ambiguous') contact.lastAnswerAt = now()
    const outcome = mistakeDoubt(faults, offerEvent(answer, site, now()), now())
    return recordAction(recorder, lease, attempt, faults.intentAfterPost ? [...intents, outcome] : [outcome])
  }
}

/** Links are counted when a task is placed; how long they are is known only now. */
function findExcess(document: TesTask, { name, limits: { maxDocumentBytes } }: Site): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(document))
  return bytes > maxDocumentBytes ? `The document has ${bytes} bytes with its links; ${name} accepts ${maxDocumentBytes}` : undefined
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
