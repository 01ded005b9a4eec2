/**
 * One work item: its row, or with its documents.
 */
import type { WorkId } from '@portolan/federation'
import type { Principal } from '../../../auth/principal.ts'
import { decode } from '../../codec.ts'
import type { WorkDocument, WorkRow, WorkState } from '../../store.ts'
import { maySee } from '../../visibility.ts'
import { type StoredWork, toWorkRow, toWorkState, WORK_COLUMNS } from '../rows.ts'
import { param, prepare, query } from '../statement.ts'
import type { ReadContext } from './context.ts'

export interface GetWork {
  getWork(principal: Principal, id: WorkId): WorkRow | undefined
  getState(principal: Principal, id: WorkId): WorkState | undefined
  getDocument(principal: Principal, id: WorkId): WorkDocument | undefined
}

export function prepareGetWork({ db, keys }: ReadContext): GetWork {
  const find = prepare(db, query.selectFrom('work_items').select(WORK_COLUMNS).where('id', '=', param('id')).compile())
  const findState = prepare(
    db,
    query
      .selectFrom('work_items')
      .select(['id', 'kind', 'issuer', 'subject', 'project', 'visibility', 'state'])
      .where('id', '=', param('id'))
      .compile(),
  )
  const parts = prepare(db, query.selectFrom('documents').select(['part', 'coded']).where('work_id', '=', param('id')).compile())

  const seen = (principal: Principal, id: WorkId): StoredWork | undefined => {
    const row = find.get({ id })
    return row && maySee(principal, row) ? row : undefined
  }

  return {
    getWork(principal, id) {
      const row = seen(principal, id)
      return row && toWorkRow(row)
    },
    getState(principal, id) {
      const row = findState.get({ id })
      return row && maySee(principal, row) ? toWorkState(row) : undefined
    },
    getDocument(principal, id) {
      const row = seen(principal, id)
      if (!row) return undefined
      const texts = new Map(parts.all({ id }).map(({ part, coded }) => [part, decode(keys, `work:${id}:${part}`, coded)]))
      return {
        ...toWorkRow(row),
        documentText: texts.get('document') ?? '{}',
        logText: texts.get('log'),
        notes: [...readLines(texts.get('first-notes')), ...readLines(texts.get('notes'))],
        decisionText: texts.get('decision'),
      }
    },
  }
}

const NO_LINES: readonly string[] = []

function readLines(text: string | undefined): readonly string[] {
  return text === undefined ? NO_LINES : JSON.parse(text)
}
