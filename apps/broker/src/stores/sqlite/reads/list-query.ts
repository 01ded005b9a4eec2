/**
 * The SQL of lists. Every walk is driven by one index, newest first or nearly so, and filtered by the other conditions row by row.
 * A sight is walked in parts: all rows, or those of a person and those of each project that its members see, each by indexes of its own.
 */
import { type RawBuilder, sql } from 'kysely'
import type { ListFilter } from '../../store.ts'
import type { Sight } from '../../visibility.ts'
import { param, query, type Values } from '../statement.ts'

/** Rows that one set of indexes leads to. */
export type SightPart =
  | { readonly whose: 'all' }
  | { readonly whose: 'own'; readonly issuer: string; readonly subject: string; readonly project?: string | undefined }
  | { readonly whose: 'shared'; readonly project: string }

/** What must be walked to see all that the sight shows. A row may be in two parts. */
export function partsOf(sight: Sight): readonly SightPart[] {
  if (sight.all) return [{ whose: 'all' }]
  const { issuer, subject, project, shared } = sight
  return [{ whose: 'own', issuer, subject, project }, ...shared.map(id => ({ whose: 'shared', project: id }) as const)]
}

/** One condition of a list, or the part of the sight alone (`base`). */
export type Condition =
  | { readonly on: 'base' }
  | { readonly on: 'state' }
  | { readonly on: 'name'; readonly bounded: boolean }
  /** `index` counts the pairs of the filter; `exact`: with a value. */
  | { readonly on: 'tag'; readonly index: number; readonly exact: boolean }

/** Everything that shapes the SQL; what is equal here uses the same prepared statements. */
export interface ListShape {
  readonly whose: SightPart['whose']
  /** True if a person's rows are narrowed to one project, row by row. */
  readonly narrowed: boolean
  readonly conditions: readonly Condition[]
}

/** True if the index of the condition gives the ids in order. */
export function isOrdered(condition: Condition): boolean {
  return condition.on === 'base' || condition.on === 'state' || (condition.on === 'tag' && condition.exact)
}

export function shapeOf(part: SightPart, filter: ListFilter): ListShape {
  const { namePrefix = '', state, tags } = filter
  return {
    whose: part.whose,
    narrowed: part.whose === 'own' && part.project !== undefined,
    conditions: [
      ...tags.map(([, value], index): Condition => ({ on: 'tag', index, exact: value !== '' })),
      ...(state === undefined ? [] : [{ on: 'state' } as const]),
      ...(namePrefix === '' ? [] : [{ on: 'name', bounded: followerOf(namePrefix) !== undefined } as const]),
    ],
  }
}

/** The values of all conditions. */
export function valuesOf(part: SightPart, filter: ListFilter, kind: 'task' | 'run'): Values {
  return {
    kind,
    ...(part.whose === 'own' && { issuer: part.issuer, subject: part.subject }),
    ...(part.whose !== 'all' && { project: part.project }),
    state: filter.state,
    name_from: filter.namePrefix,
    name_to: followerOf(filter.namePrefix ?? ''),
    ...Object.fromEntries(
      filter.tags.flatMap(([key, value], index) => [
        [`key${index}`, key],
        [`value${index}`, value],
      ]),
    ),
  }
}

/** The first text that is behind all texts with this prefix, in the order of code points; undefined if there is none. */
function followerOf(prefix: string): string | undefined {
  const points = Array.from(prefix, character => character.codePointAt(0) ?? 0)
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop()
  if (last === undefined) return undefined
  // Surrogates are no characters.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}

/** How many rows the condition has, at most `limit`: behind `before` if its index is in the order of ids, else in all, for it would read all. */
export function countQuery(shape: ListShape, driver: Condition) {
  const behind = isOrdered(driver) ? sql` and ${behindLast(driver)}` : sql``
  const rows = sql`select 1 from ${source(shape, driver)} where ${drive(shape, driver)}${behind} limit ${param('limit')}`
  return sql<{ count: number }>`select count(*) as count from (${rows})`.compile(query)
}

/** The id of the last row of a step of `rows` rows; none if fewer are left. */
export function stepEndQuery(shape: ListShape, driver: Condition) {
  const id = idOf(driver)
  return sql<{
    id: string
  }>`select ${id} as id from ${source(shape, driver)} where ${drive(shape, driver)} and ${behindLast(driver)} order by ${id} desc limit 1 offset ${param('rows')} - 1`.compile(
    query,
  )
}

/** Ids of rows with every condition behind `before`, newest first, not beyond `from`. */
export function idsQuery(shape: ListShape, driver: Condition) {
  const id = idOf(driver)
  const others = shape.conditions.filter(condition => condition !== driver)
  const ofRow = others.filter(condition => condition.on !== 'tag').map(matchRow)
  if (shape.narrowed) ofRow.push(sql`w.project = ${param('project')}`)
  const ofTags = others.flatMap(condition => (condition.on === 'tag' ? [matchTag(condition, id)] : []))
  const joined = driver.on === 'tag' && ofRow.length > 0 ? sql` cross join work_items as w on w.id = d.work_id` : sql``
  const where = sql.join([drive(shape, driver), behindLast(driver), sql`${id} >= ${param('from')}`, ...ofRow, ...ofTags], sql` and `)
  return sql<{
    id: string
  }>`select ${id} as id from ${source(shape, driver)}${joined} where ${where} order by ${id} desc limit ${param('limit')}`.compile(query)
}

function idOf(driver: Condition): RawBuilder<unknown> {
  return driver.on === 'tag' ? sql`d.work_id` : sql`w.id`
}

const INDEXES = {
  all: { base: undefined, state: 'work_by_state', name: 'work_by_name', tag: 'tags_by_key' },
  own: { base: 'work_by_owner', state: 'work_by_owner_state', name: 'work_by_owner_name', tag: 'tags_by_owner' },
  shared: { base: 'work_by_project', state: 'work_by_project_state', name: 'work_by_project_name', tag: 'tags_by_project' },
} as const satisfies Record<SightPart['whose'], Record<Condition['on'], string | undefined>>

/** The table and the one index that a condition is read through. */
function source(shape: ListShape, driver: Condition): RawBuilder<unknown> {
  const table = driver.on === 'tag' ? 'work_tags as d' : 'work_items as w'
  const index = INDEXES[shape.whose][driver.on]
  return sql.raw(index === undefined ? table : `${table} indexed by ${index}`)
}

/** Behind where the last page, or the last step, ended. */
function behindLast(driver: Condition): RawBuilder<unknown> {
  return sql`${idOf(driver)} < ${param('before')}`
}

/** What is looked up in the index: whose rows, and the condition itself. */
function drive(shape: ListShape, driver: Condition): RawBuilder<unknown> {
  const table = sql.raw(driver.on === 'tag' ? 'd' : 'w')
  const terms: RawBuilder<unknown>[] = [sql`${table}.kind = ${param('kind')}`]
  if (shape.whose === 'own') terms.push(sql`${table}.issuer = ${param('issuer')}`, sql`${table}.subject = ${param('subject')}`)
  // The text as it stands is what the indexes of these rows are made for.
  if (shape.whose === 'shared') terms.push(sql`${table}.project = ${param('project')}`, sql`${table}.visibility = 'project'`)
  if (driver.on === 'tag') terms.push(matchPair(driver, 'd'))
  else if (driver.on !== 'base') terms.push(matchRow(driver))
  return sql.join(terms, sql` and `)
}

function matchRow(condition: Condition): RawBuilder<unknown> {
  if (condition.on === 'state') return sql`w.state = ${param('state')}`
  if (condition.on === 'name' && !condition.bounded) return sql`w.name >= ${param('name_from')}`
  return sql`w.name >= ${param('name_from')} and w.name < ${param('name_to')}`
}

function matchTag(condition: Extract<Condition, { on: 'tag' }>, id: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`exists (select 1 from work_tags as t where t.work_id = ${id} and ${matchPair(condition, 't')})`
}

function matchPair({ index, exact }: Extract<Condition, { on: 'tag' }>, table: 'd' | 't'): RawBuilder<unknown> {
  const key = sql`${sql.raw(table)}.key = ${param(`key${index}`)}`
  return exact ? sql`${key} and ${sql.raw(table)}.value = ${param(`value${index}`)}` : key
}
