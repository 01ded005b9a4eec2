import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { ListFilter } from '../store.ts'
import type { Sight } from '../visibility.ts'
import { migrate } from './migrations/migrate.ts'
import { countQuery, idsQuery, shapeOf, stepEndQuery } from './reads/list-query.ts'

const OWN: Sight = { all: false, issuer: 'i', subject: 's' }
const ALL: Sight = { all: true }
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
    ['all', ALL],
  ] as const)('are as they were chosen: %s', async (name, sight) => {
    using db = new DatabaseSync(':memory:')
    await migrate(db)
    const shape = shapeOf(sight, FILTER)
    const plans = [{ on: 'base' } as const, ...shape.conditions].map(driver => ({
      driver,
      count: planOf(db, countQuery(shape, driver).sql),
      stepEnd: planOf(db, stepEndQuery(shape, driver).sql),
      ids: planOf(db, idsQuery(shape, driver).sql),
    }))
    await expect(JSON.stringify(plans, null, 2)).toMatchFileSnapshot(`query-plans.${name}.txt`)
  })
})
