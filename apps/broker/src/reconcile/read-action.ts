/**
 * Asks the site about one task. A look takes over the state that it shows; a read takes the log with it, and is what a task ends by: what it has left
 * is measured before the end is written. How often a failed read is tried again is left to `plan()`.
 *
 * The whole log of a task may be more than can be read, or than its site can show. An end does not wait for it for ever: then it is told by the shorter
 * view, which has no texts.
 */
import type { Attempt, SiteTaskId } from '@portolan/federation'
import { isTerminal, type TesTaskLog } from '@portolan/tes'
import type { ReadAnswer, SiteFailure, SiteGateway } from '../sites/gateway.ts'
import type { LeaseProof } from '../stores/store.ts'
import type { LearnTransfer } from './learn-transfer.ts'
import { createEndEvidence, type EndEvidencePorts, leavesOutputs } from './measure-end.ts'
import { type ActionOutcome, recordAction } from './record-action.ts'
import type { Recorder } from './recorder.ts'
import type { SiteContact } from './site-contact.ts'
import type { SiteLedger } from './site-ledger.ts'

export type ReadAction = (attempt: Attempt, id: SiteTaskId, lease: LeaseProof, signal: AbortSignal) => Promise<ActionOutcome>

export interface ReadActions {
  readonly read: ReadAction
  readonly look: ReadAction
}

export interface ReadActionPorts extends EndEvidencePorts {
  readonly gateway: SiteGateway
  readonly recorder: Recorder
  readonly contact: SiteContact
  readonly ledger: SiteLedger
  readonly learn: LearnTransfer
  readonly now: () => number
}

/** About a minute, by the waits between them. */
const MOST_FULL_TRIES = 6

export function createReadActions(ports: ReadActionPorts): ReadActions {
  const { gateway, recorder, contact, ledger, learn, now } = ports
  const gatherEvidence = createEndEvidence(ports)

  async function ask(attempt: Attempt, id: SiteTaskId, view: 'MINIMAL' | 'FULL', signal: AbortSignal): Promise<ReadAnswer> {
    contact.askedAt.set(attempt.id, now())
    const first = await gateway.read(id, view, signal, attempt.linkHosts)
    const isEnough = view === 'MINIMAL' || first.outcome !== 'failed' || !isForShortView(first.failure, contact.reads.get(attempt.id) ?? 0)
    const answer = isEnough ? first : noteShort(await gateway.read(id, 'BASIC', signal, attempt.linkHosts), first.failure)
    ledger.answered('get', answer.outcome === 'failed' ? answer.failure : undefined)
    if (answer.outcome !== 'failed') contact.lastAnswerAt = now()
    return answer
  }

  async function recordSight(attempt: Attempt, answer: ReadAnswer, lease: LeaseProof, signal: AbortSignal): Promise<ActionOutcome> {
    switch (answer.outcome) {
      case 'found':
        return recordAction(recorder, lease, attempt, [{ kind: 'see', at: now(), state: answer.state }])
      case 'absent':
        return recordAbsence(attempt, lease, signal)
      case 'failed':
        return 'done'
    }
  }

  /** Gone for the second time: an end that it has shown before may be what counts now, and a store may know what the site has forgotten. */
  async function recordAbsence(attempt: Attempt, lease: LeaseProof, signal: AbortSignal): Promise<ActionOutcome> {
    const shown = attempt.state === 'SUSPECT' ? attempt.candidate?.state : undefined
    const evidence = shown && leavesOutputs(shown) ? await gatherEvidence(attempt, shown, undefined, signal) : undefined
    return recordAction(recorder, lease, attempt, [{ kind: 'vanish', at: now() }], evidence)
  }

  return {
    async read(attempt, id, lease, signal) {
      const answer = await ask(attempt, id, 'FULL', signal)
      if (answer.outcome === 'found' && isTerminal(answer.state)) {
        contact.reads.delete(attempt.id)
        const evidence = await gatherEvidence(attempt, answer.state, answer.log, signal)
        const end = { kind: 'confirm', at: now(), state: answer.state, detail: endDetail(answer.log) } as const
        const outcome = await recordAction(recorder, lease, attempt, [end], evidence)
        if (outcome === 'done' && answer.log) await learn(attempt, answer.log)
        return outcome
      }
      if (answer.outcome === 'failed') contact.reads.set(attempt.id, (contact.reads.get(attempt.id) ?? 0) + 1)
      else contact.reads.delete(attempt.id)
      return recordSight(attempt, answer, lease, signal)
    },
    async look(attempt, id, lease, signal) {
      return recordSight(attempt, await ask(attempt, id, 'MINIMAL', signal), lease, signal)
    },
  }
}

/** `failed`: tries before this one. What is too long, or no task, is so again; of other failures some pass. */
function isForShortView({ kind }: SiteFailure, failed: number): boolean {
  return kind === 'unreadable' || (failed >= MOST_FULL_TRIES && kind !== 'auth' && kind !== 'busy')
}

function noteShort(answer: ReadAnswer, { kind }: SiteFailure): ReadAnswer {
  if (answer.outcome !== 'found' || !isTerminal(answer.state)) return answer
  const why = kind === 'unreadable' ? 'it is too long, or no task' : 'the site did not show it in many tries'
  const note = `The log of this task could not be read from its site (${why}): its texts are left out, and what else is shown is from the shorter view`
  const { log = { logs: [], outputs: [] } } = answer
  return { ...answer, log: { ...log, system_logs: [...(log.system_logs ?? []), note] } }
}

/** What the site said at the end, in one line. */
function endDetail(log: TesTaskLog | undefined): string {
  return log?.system_logs?.at(-1) ?? ''
}
