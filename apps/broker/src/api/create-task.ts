/**
 * CreateTask: the task is stored durably, then its id is answered. No site is asked.
 */
import { createHash } from 'node:crypto'
import type { WorkId } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import type { Freshness } from '../auth/login.ts'
import type { Principal } from '../auth/principal.ts'
import type { Unanswered } from '../reconcile/unanswered.ts'
import type { CommandResults, NewWork, Store } from '../stores/store.ts'
import type { AbandonedCreates } from './abandoned-creates.ts'
import { homeOutputs } from './home-outputs.ts'
import type { ApiObserver } from './observer.ts'
import { Refusal } from './refusal.ts'
import { requireFresh } from './require-fresh.ts'
import type { SubmissionReader } from './submission.ts'

export interface CreateRequest {
  readonly principal: Principal
  /** As it came, to name what of it was ignored. */
  readonly body: unknown
  readonly task: TesTask
  /** The base path that the request came in by. */
  readonly mount: string
  readonly idempotencyKey: string | undefined
  /** Aborted when the client hangs up before it has the answer. */
  readonly hungUp: AbortSignal
  /** Called once what is asked for is judged: from here on the store has the work. Not where it throws before. */
  readonly judged: () => void
}

export interface TaskCreatorParts {
  readonly store: Store
  readonly abandoned: AbandonedCreates
  readonly unanswered: Unanswered
  /** Absent: nobody logs in. */
  readonly freshness: Freshness | undefined
  readonly readSubmission: SubmissionReader
  readonly observer: ApiObserver
  readonly nextId: () => WorkId
  readonly now: () => number
  readonly report: (error: unknown) => void
}

/** Answers the id of a work item that is durable, and that counts as unanswered until its answer is out. */
export type TaskCreator = (request: CreateRequest) => Promise<WorkId>

export function createTaskCreator(parts: TaskCreatorParts): TaskCreator {
  const { store, abandoned, unanswered, freshness, readSubmission, observer, nextId, now, report } = parts

  /** The id that is to be answered: that of the work item, or of the one that the same key has made before. */
  async function settle(id: WorkId, answer: CommandResults['create']): Promise<WorkId> {
    switch (answer.outcome) {
      case 'created':
        observer.taskCreated()
        return id
      case 'existing':
        unanswered.end(id)
        await abandoned.keep(answer.id)
        return answer.id
      case 'keyReused':
        throw new Refusal('key-reused')
    }
  }

  return async ({ principal: asking, body, task: sent, mount, idempotencyKey, hungUp, judged }) => {
    const principal = await requireFresh(freshness, asking)
    const { task, project, rerunnable, maxRunMs, notes } = readSubmission(principal, sent, body)
    const id = nextId()
    const placed = homeOutputs(task, project, id)
    // Where outputs go that are but named holds the id: creates are compared by what was asked for.
    const askedText = JSON.stringify(task)
    const documentText = placed.task === task ? askedText : JSON.stringify(placed.task)
    judged()
    const create = { principal, project: project.id, mount, idempotencyKey, documentText: askedText }
    const abandonIfHungUp = (created: () => Promise<WorkId | undefined>): void =>
      whenAborted(hungUp, () => void abandoned.abandon(create, created()).catch(report))
    const claimed = await abandoned.claim(create)
    if (claimed !== undefined) {
      abandonIfHungUp(async () => claimed)
      return claimed
    }

    const at = now()
    const work: NewWork = {
      id,
      kind: 'task',
      project: project.id,
      visibility: project.visibility,
      name: task.name,
      tags: task.tags ?? {},
      documentText,
      notes: [...notes, ...placed.notes],
      createdAt: at,
      rerunnable,
      maxRunMs,
      ...(idempotencyKey !== undefined && { idempotencyKeyHash: digest(idempotencyKey), bodyDigest: digest(askedText) }),
    }
    unanswered.begin(id)
    try {
      const answering = store.execute({ kind: 'create', principal, work, now: at })
      // What was there before was answered to somebody, or left behind by somebody else.
      abandonIfHungUp(() => answering.then(({ outcome }) => (outcome === 'created' ? id : undefined)))
      return await settle(id, await answering)
    } catch (error) {
      unanswered.end(id)
      throw error
    }
  }
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act()
  else signal.addEventListener('abort', act, { once: true })
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
