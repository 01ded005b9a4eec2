/**
 * `decide`, `transition` and `sweepDiff`: what the broker writes to a work item and its attempts, under a lease.
 */
import type { Principal } from '../../../auth/principal.ts'
import type { AttemptWrite, Command, CommandResults, WorkWrite } from '../../store.ts'
import type { AppendEvent } from './append-event.ts'
import { type CommandContext, prepareSavepoint, Refusal } from './context.ts'
import type { FindWork } from './find-work.ts'
import type { CheckLease } from './leases.ts'
import type { WriteAttempts } from './write-attempts.ts'
import type { WriteWork } from './write-work.ts'

type Of<K extends Command['kind']> = Extract<Command, { readonly kind: K }>

interface Change {
  readonly attempts: readonly AttemptWrite[]
  readonly work?: WorkWrite | undefined
}

/** Throws the refusal `conflict`. */
type Apply = (change: Change, actor: Principal, now: number) => void

export interface Parts {
  readonly check: CheckLease
  readonly find: FindWork
  readonly writeWork: WriteWork
  readonly writeAttempts: WriteAttempts
  readonly append: AppendEvent
}

export function prepareDecide({
  check,
  find,
  writeWork,
  writeAttempts,
  append,
}: Parts): (command: Of<'decide'>) => CommandResults['decide'] {
  return ({ principal, lease, work: write, attempt, now }) => {
    check(lease)
    const work = find(write.id)
    if (!work || work.ended || work.unfenced) throw new Refusal('conflict')
    if (attempt) writeAttempts.insert(work, attempt, principal, now)
    else append({ at: now, kind: 'decided', actor: principal, work })
    writeWork(work, write, principal, now)
    writeAttempts.refreshDue(work.id)
    return { outcome: 'done' }
  }
}

export function prepareTransition(parts: Parts): (command: Of<'transition'>) => CommandResults['transition'] {
  const apply = prepareApply(parts)
  return ({ principal, lease, attempts, work, now }) => {
    parts.check(lease)
    apply({ attempts, work }, principal, now)
    return { outcome: 'done' }
  }
}

export function prepareSweepDiff(context: CommandContext, parts: Parts): (command: Of<'sweepDiff'>) => CommandResults['sweepDiff'] {
  const apply = prepareApply(parts)
  const savepoint = prepareSavepoint(context.db)
  return ({ principal, lease, writes, now }) => {
    parts.check(lease)
    const refused: number[] = []
    writes.forEach((change, index) => {
      try {
        savepoint(() => apply(change, principal, now))
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        refused.push(index)
      }
    })
    return { outcome: 'done', refused }
  }
}

/** All writes of one change, or none: they concern one work item. */
function prepareApply({ find, writeWork, writeAttempts, append }: Parts): Apply {
  return ({ attempts, work: write }, actor, now) => {
    const id = write?.id ?? attempts[0]?.attempt.work
    if (id === undefined) return
    const work = find(id)
    if (!work) throw new Refusal('conflict')
    for (const attempt of attempts) writeAttempts.update(work, attempt, actor, now)
    if (write) {
      if (attempts.length === 0 && !work.ended) append({ at: now, kind: 'changed', actor, work, detail: { state: write.state } })
      writeWork(work, write, actor, now)
    }
    writeAttempts.refreshDue(id)
  }
}
