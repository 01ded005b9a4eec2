import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { ListFilter } from '../store.ts'
import { migrate } from './migrations/migrate.ts'
import { countQuery, idsQuery, type SightPart, shapeOf, stepEndQuery } from './reads/list-query.ts'

const OWN: SightPart = { whose: 'own', issuer: 'i', subject: 's' }
const SHARED: SightPart = { whose: 'shared', project: 'p' }
const ALL: SightPart = { whose: 'all' }
const FILTER: ListFilter = {
  namePrefix: 'n',
  state: 'QUEUED',
  tags: [
    ['a', '1'],
    ['b', ''],
  ],
}

/** What SQLite says it will do, one line a step. */
function planOf(db: DatabaseSync, sql: string): readonly string[] {
  return db
    .prepare(`explain query plan ${sql}`)
    .all()
    .map(({ detail }) => String(detail))
}

describe('query plans of lists', () => {
  it.each([
    ['own', OWN],
    ['shared', SHARED],
    ['all', ALL],
  ] as const)('are as they were chosen: %s', async (name, part) => {
    using db = new DatabaseSync(':memory:')
    await migrate(db)
    const shape = shapeOf(part, FILTER)
    const plans = [{ on: 'base' } as const, ...shape.conditions].map(driver => ({
      driver,
      count: planOf(db, countQuery(shape, driver).sql),
      stepEnd: planOf(db, stepEndQuery(shape, driver).sql),
      ids: planOf(db, idsQuery(shape, driver).sql),
    }))
    await expect(JSON.stringify(plans, null, 2)).toMatchFileSnapshot(`query-plans.${name}.txt`)
  })
})
