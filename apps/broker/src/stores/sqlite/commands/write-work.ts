/**
 * The part of a command that changes a work item: compare-and-set by version, never past the end (invariants I3 and I6), in the statement itself.
 */
import { isTerminal, TERMINAL_STATES } from '@portolan/tes'
import { sql } from 'kysely'
import type { Principal } from '../../../auth/principal.ts'
import { encode } from '../../codec.ts'
import type { NewOutput, WorkWrite } from '../../store.ts'
import { param, params, prepare, query } from '../statement.ts'
import type { AppendEvent } from './append-event.ts'
import { type CommandContext, Refusal } from './context.ts'
import type { FoundWork } from './find-work.ts'

/** `work` is as it was before the command. Throws the refusal `conflict`. */
export type WriteWork = (work: FoundWork, write: WorkWrite, actor: Principal, now: number) => void

export function prepareWriteWork({ db, keys }: CommandContext, append: AppendEvent): WriteWork {
  const keepOr = (name: string) => sql<never>`coalesce(${param(name)}, ${sql.ref(name)})`
  const update = prepare(
    db,
    query
      .updateTable('work_items')
      .set(({ eb }) => ({
        version: eb('version', '+', 1),
        state: keepOr('state'),
        ended_at: keepOr('ended_at'),
        counts_attempt: keepOr('counts_attempt'),
        counts_site: keepOr('counts_site'),
        cancel_acked_at: keepOr('cancel_acked_at'),
      }))
      .where('id', '=', param('id'))
      .where('version', '=', param('expected'))
      .where('state', 'not in', TERMINAL_STATES)
      .compile(),
  )
  const keepDocument = prepare(
    db,
    query
      .insertInto('documents')
      .values(params('work_id', 'part', 'coded', 'issuer', 'subject', 'project'))
      .onConflict(conflict => conflict.columns(['work_id', 'part']).doUpdateSet({ coded: param('coded') }))
      .compile(),
  )
  const dropOutputs = prepare(db, query.deleteFrom('outputs').where('work_id', '=', param('id')).compile())
  const keepOutput = prepare(
    db,
    query
      .insertInto('outputs')
      .values(params('work_id', 'number', 'location', 'size_bytes', 'coded', 'issuer', 'subject', 'project'))
      .compile(),
  )

  function writeDocuments(work: FoundWork, write: WorkWrite): void {
    const parts = { log: write.logText, notes: write.notes && JSON.stringify(write.notes), decision: write.decisionText }
    for (const [part, text] of Object.entries(parts)) {
      if (text !== undefined)
        keepDocument.run({ work_id: work.id, part, coded: encode(keys, `work:${work.id}:${part}`, text), ...work.owned })
    }
  }

  function writeOutputs(work: FoundWork, outputs: readonly NewOutput[]): void {
    dropOutputs.run({ id: work.id })
    outputs.forEach(({ sizeBytes = '', location, ...rest }, number) => {
      const coded = encode(keys, `work:${work.id}:output:${number}`, JSON.stringify(rest))
      keepOutput.run({ work_id: work.id, number, location, size_bytes: sizeBytes, coded, ...work.owned })
    })
  }

  return (work, write, actor, now) => {
    if (write.expectedVersion !== work.version) throw new Refusal('conflict')
    if (work.ended) {
      if (write.state !== undefined && write.state !== work.state) throw new Refusal('conflict')
      return
    }
    const ends = isTerminal(write.state)
    const changed = update.run({
      id: work.id,
      expected: write.expectedVersion,
      state: write.state,
      ended_at: ends ? (write.endedAt ?? now) : undefined,
      counts_attempt: write.countsAttempt,
      counts_site: write.countsSite,
      cancel_acked_at: write.cancelAckedAt,
    })
    if (changed === 0) throw new Refusal('conflict')
    writeDocuments(work, write)
    if (write.outputs) writeOutputs(work, write.outputs)
    if (ends)
      append({ at: now, kind: 'ended', actor, work, attempt: write.countsAttempt, site: write.countsSite, detail: { state: write.state } })
  }
}
