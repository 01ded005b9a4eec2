/**
 * `listWork`: pages of work items, newest first, by keyset over ids that sort by creation. A page costs the same at any depth. The index that
 * drives a walk is found by counting each condition, to 5,000 at most: one that few rows meet is read whole; otherwise an index in the order of
 * ids is walked in steps, with a turn of the event loop between two steps. Who sees the tasks of projects too gets the merged pages of one walk
 * for each.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { WorkId } from '@portolan/federation'
import { type CompiledQuery, sql } from 'kysely'
import type { Principal } from '../../../auth/principal.ts'
import type { ListFilter, ListPage, WorkRow } from '../../store.ts'
import { sightOf } from '../../visibility.ts'
import { toWorkRow, WORK_COLUMNS } from '../rows.ts'
import { param, prepare, query, type Statement, type Values } from '../statement.ts'
import type { ReadContext } from './context.ts'
import {
  type Condition,
  countQuery,
  idsQuery,
  isOrdered,
  type ListShape,
  partsOf,
  type SightPart,
  shapeOf,
  stepEndQuery,
  valuesOf,
} from './list-query.ts'
import { mergeWalks, type Walked } from './merge-walks.ts'

/** A condition that no more rows than this meet may be read whole, in one step. */
const FEW_ROWS = 5_000
const STEP_ROWS = 1_000
const PAGE_MS = 200
const SHAPES_KEPT = 200

/** Behind every id: ids are ASCII. */
const PAST_ALL = '\u{10ffff}'

export interface ListWork {
  listWork(principal: Principal, filter: ListFilter, page: WalkedPage): Promise<ListPage>
}

interface WalkedPage {
  readonly size: number
  readonly after?: WorkId | undefined
  readonly kind: 'task' | 'run'
}

export function prepareListWork({ db }: ReadContext): ListWork {
  const rowsOf = prepare(
    db,
    query
      .selectFrom('work_items')
      .select(WORK_COLUMNS)
      .where('id', 'in', sql<string>`(select value from json_each(${param('ids')}))`)
      .orderBy('id', 'desc')
      .compile(),
  )
  const statement = keepStatements(db)

  function readRows(ids: readonly string[]): readonly WorkRow[] {
    return rowsOf.all({ ids: JSON.stringify(ids) }).map(toWorkRow)
  }

  async function chooseDriver(shape: ListShape, values: Values): Promise<{ readonly driver: Condition; readonly few: boolean }> {
    let best: { readonly driver: Condition; readonly count: number } | undefined
    for (const driver of shape.conditions) {
      const limit = (best?.count ?? FEW_ROWS) + 1
      const count = statement(shape, driver, countQuery).get({ ...values, limit })?.count ?? 0
      if (count < limit) best = { driver, count }
      if (count === 0) break
      await nextTurn()
    }
    if (best) return { driver: best.driver, few: true }
    return { driver: shape.conditions.find(isOrdered) ?? { on: 'base' }, few: false }
  }

  /** At most `size` ids of one part of a sight. Takes one step at least, and ends when `budgetMs` are over. */
  async function walk(part: SightPart, filter: ListFilter, page: WalkedPage, budgetMs: number): Promise<Walked> {
    const startedAt = performance.now()
    const shape = shapeOf(part, filter)
    const values = { ...valuesOf(part, filter, page.kind), before: page.after ?? PAST_ALL }
    const { size } = page
    const { driver, few } = await chooseDriver(shape, values)
    const take = statement(shape, driver, idsQuery)
    const ids: string[] = []
    if (few || (shape.conditions.length === 0 && !shape.narrowed)) {
      for (const { id } of take.all({ ...values, from: '', limit: size + 1 })) ids.push(id)
      return { ids: ids.slice(0, size), next: ids.length > size ? ids[size - 1] : undefined }
    }
    let before = values.before
    for (;;) {
      const end = statement(shape, driver, stepEndQuery).get({ ...values, before, rows: STEP_ROWS })?.id
      for (const { id } of take.all({ ...values, before, from: end ?? '', limit: size - ids.length })) ids.push(id)
      const next = ids.length === size ? ids[size - 1] : end
      if (ids.length === size || end === undefined || performance.now() - startedAt > budgetMs) return { ids, next }
      before = end
      await nextTurn()
    }
  }

  return {
    async listWork(principal, filter, page) {
      const parts = partsOf(sightOf(principal))
      const walks: Walked[] = []
      for (const part of parts) {
        if (walks.length > 0) await nextTurn()
        walks.push(await walk(part, filter, page, PAGE_MS / parts.length))
      }
      const [only] = walks
      const { ids, next } = only && walks.length === 1 ? only : mergeWalks(walks, page.size)
      return { rows: readRows(ids), next: next as WorkId | undefined }
    },
  }
}

type Build<Row> = (shape: ListShape, driver: Condition) => CompiledQuery<Row>

/** Statements by shape, the least recently used given up first. */
function keepStatements(db: ReadContext['db']) {
  const kept = new Map<string, Statement<unknown>>()
  return <Row>(shape: ListShape, driver: Condition, build: Build<Row>): Statement<Row> => {
    const key = `${build.name} ${JSON.stringify([shape, driver])}`
    const found = kept.get(key) ?? prepare(db, build(shape, driver))
    kept.delete(key)
    kept.set(key, found)
    const oldest = kept.keys().next()
    if (kept.size > SHAPES_KEPT && !oldest.done) kept.delete(oldest.value)
    // The key names the query and so the type of its rows.
    return found as Statement<Row>
  }
}
