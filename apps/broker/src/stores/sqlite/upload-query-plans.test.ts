import { DatabaseSync } from 'node:sqlite'
import { expect, it, vi } from 'vitest'
import { makeFolder } from '../contract/temporary.ts'
import { openKeyRing } from '../key-ring.ts'
import { prepareUploadCommands } from './commands/uploads.ts'
import { migrate } from './migrations/migrate.ts'
import { prepareReadUploads } from './reads/uploads.ts'

it('query plans of uploads are as they were chosen, and none reads a whole table', async () => {
  using db = new DatabaseSync(':memory:')
  await migrate(db)
  const keys = await openKeyRing(await makeFolder())
  const prepared = vi.spyOn(db, 'prepare')
  prepareReadUploads({ db, keys })
  prepareUploadCommands({ db, keys })
  const statements = new Set(prepared.mock.calls.map(([text]) => text).filter(text => /^(select|update|delete)/i.test(text)))
  prepared.mockRestore()
  const plans = [...statements].map(statement => ({
    statement,
    plan: db
      .prepare(`explain query plan ${statement}`)
      .all()
      .map(({ detail }) => String(detail)),
  }))
  expect(plans.filter(({ plan }) => plan.length === 0 || plan.some(step => step.startsWith('SCAN')))).toEqual([])
  await expect(JSON.stringify(plans, null, 2)).toMatchFileSnapshot('query-plans.uploads.txt')
})
