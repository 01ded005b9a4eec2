/**
 * CreateTask: the task is stored durably, then its id is answered. No site is asked.
 */
import { createHash } from 'node:crypto'
import type { WorkId } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import type { Principal } from '../auth/principal.ts'
import type { CommandResults, NewWork, Store } from '../stores/store.ts'
import type { AbandonedCreates } from './abandoned-creates.ts'
import type { ApiObserver } from './observer.ts'
import { Refusal } from './refusal.ts'
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
}

export interface TaskCreatorParts {
  readonly store: Store
  readonly abandoned: AbandonedCreates
  readonly readSubmission: SubmissionReader
  readonly observer: ApiObserver
  readonly nextId: () => WorkId
  readonly now: () => number
  readonly report: (error: unknown) => void
}

export type TaskCreator = (request: CreateRequest) => Promise<WorkId>

export function createTaskCreator(parts: TaskCreatorParts): TaskCreator {
  const { store, abandoned, readSubmission, observer, nextId, now, report } = parts

  function idOf(answer: CommandResults['create']): WorkId {
    if (answer.outcome === 'keyReused') throw new Refusal('key-reused')
    if (answer.outcome === 'created') observer.taskCreated()
    return answer.id
  }

  return async ({ principal, body, task: sent, mount, idempotencyKey, hungUp }) => {
    const { task, project, rerunnable, maxRunMs, notes } = readSubmission(principal, sent, body)
    const documentText = JSON.stringify(task)
    const create = { principal, mount, documentText }
    const claimed = await abandoned.claim(create)
    if (claimed !== undefined) return claimed

    const at = now()
    const work: NewWork = {
      id: nextId(),
      kind: 'task',
      project: project.id,
      visibility: project.visibility,
      name: task.name,
      tags: task.tags ?? {},
      documentText,
      notes,
      createdAt: at,
      rerunnable,
      maxRunMs,
      ...(idempotencyKey !== undefined && { idempotencyKeyHash: digest(idempotencyKey), bodyDigest: digest(documentText) }),
    }
    const created = store.execute({ kind: 'create', principal, work, now: at }).then(idOf)
    hungUp.addEventListener('abort', () => void abandoned.abandon(create, created).catch(report), { once: true })
    return created
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
