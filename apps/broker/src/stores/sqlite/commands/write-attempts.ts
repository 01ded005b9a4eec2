/**
 * The part of a command that changes attempts: each by compare-and-set, the version rising by one; at most one of a work item is unfenced
 * (invariant I2, a unique index), and none starts after a cancel (I5).
 */
import type { Attempt } from '@portolan/federation'
import { TERMINAL_STATES } from '@portolan/tes'
import { sql } from 'kysely'
import type { Principal } from '../../../auth/principal.ts'
import type { AttemptWrite } from '../../store.ts'
import type { Owned } from '../../visibility.ts'
import { CHANGING_COLUMNS, fromAttempt } from '../rows.ts'
import { isUniqueViolation } from '../sqlite-error.ts'
import { param, params, prepare, query } from '../statement.ts'
import type { AttemptsTable } from '../tables.ts'
import type { AppendEvent } from './append-event.ts'
import { type CommandContext, Refusal } from './context.ts'
import type { FoundWork } from './find-work.ts'

const MUTABLE = [...CHANGING_COLUMNS, 'open', 'unfenced'] as const satisfies readonly (keyof AttemptsTable)[]
const FIXED = [
  'id',
  'work_id',
  'issuer',
  'subject',
  'project',
  'site',
  'number',
  'nonce',
  'tag_key_id',
  'created_at',
] as const satisfies readonly (keyof AttemptsTable)[]

export interface WriteAttempts {
  insert(work: FoundWork, attempt: Attempt, actor: Principal, now: number): void
  /** Throws the refusal `conflict`. */
  update(work: FoundWork, write: AttemptWrite, actor: Principal, now: number): void
  /** Sets whether the work item needs a decision, from its state and its attempts. */
  refreshDue(id: string): void
}

export function prepareWriteAttempts({ db, keys }: CommandContext, append: AppendEvent): WriteAttempts {
  const insert = prepare(
    db,
    query
      .insertInto('attempts')
      .values(params(...FIXED, ...MUTABLE))
      .compile(),
  )
  const update = prepare(
    db,
    query
      .updateTable('attempts')
      .set(params(...MUTABLE))
      .where('id', '=', param('id'))
      .where('work_id', '=', param('work_id'))
      .where('version', '=', param('expected'))
      .compile(),
  )
  const needKey = prepare(
    db,
    query
      .insertInto('needed_keys')
      .values({ purpose: 'tags', key_id: param('key_id') })
      .onConflict(conflict => conflict.doNothing())
      .compile(),
  )
  const due = sql<number>`(state not in (${sql.join(TERMINAL_STATES)}) and not exists (
    select 1 from attempts where attempts.work_id = work_items.id and attempts.unfenced = 1))`
  const refreshDue = prepare(
    db,
    query.updateTable('work_items').set({ needs_decision: due }).where('id', '=', param('id')).where('needs_decision', '<>', due).compile(),
  )

  const values = (attempt: Attempt, owned: Owned) => fromAttempt(keys, attempt, owned)

  return {
    insert(work, attempt, actor, now) {
      if (attempt.work !== work.id || work.unfenced || work.cancelRequested || work.held || work.ended) throw new Refusal('conflict')
      needKey.run({ key_id: attempt.tagKeyId })
      unlessTaken(() => insert.run(values(attempt, work.owned)))
      append({ at: now, kind: 'decided', actor, work, attempt: attempt.id, site: attempt.site })
    },
    update(work, { attempt, expectedVersion, event }, actor, now) {
      const starts = event.kind === 'intend' || event.kind === 'send'
      if ((starts && (work.cancelRequested || work.ended)) || attempt.version !== expectedVersion + 1) throw new Refusal('conflict')
      const changed = unlessTaken(() => update.run({ ...values(attempt, work.owned), expected: expectedVersion }))
      if (changed === 0) throw new Refusal('conflict')
      const { kind, ...detail } = event
      append({ at: now, kind, actor, work, attempt: attempt.id, site: attempt.site, detail: { ...detail, version: attempt.version } })
    },
    refreshDue(id) {
      refreshDue.run({ id })
    },
  }
}

/** A unique index that refuses (a second unfenced attempt, another attempt with the same number or the same task at the site) is a conflict. */
function unlessTaken<T>(write: () => T): T {
  try {
    return write()
  } catch (error) {
    if (isUniqueViolation(error)) throw new Refusal('conflict')
    throw error
  }
}
