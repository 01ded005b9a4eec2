import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, vi } from 'vitest'
import { makeFolder } from '../contract/temporary.ts'
import { openKeyRing } from '../key-ring.ts'
import { prepareLoginCommands } from './commands/login/login-commands.ts'
import { migrate } from './migrations/migrate.ts'
import { prepareReadCredentials } from './reads/login/credentials.ts'
import { prepareReadLive } from './reads/login/live.ts'
import { prepareReadPersons } from './reads/login/persons.ts'
import { prepareReadSessions } from './reads/login/sessions.ts'

/** Every statement of the login store with what SQLite says it will do, one line a step. */
async function plansOfLogins(): Promise<readonly { readonly statement: string; readonly plan: readonly string[] }[]> {
  using db = new DatabaseSync(':memory:')
  await migrate(db)
  const keys = await openKeyRing(await makeFolder())
  const prepared = vi.spyOn(db, 'prepare')
  prepareReadPersons({ db, keys })
  prepareReadCredentials({ db, keys })
  prepareReadSessions({ db, keys })
  prepareReadLive({ db, keys })
  prepareLoginCommands({ db, keys })
  const statements = new Set(prepared.mock.calls.map(([text]) => text).filter(text => /^(select|update|delete)/i.test(text)))
  prepared.mockRestore()
  return [...statements].map(statement => ({
    statement,
    plan: db
      .prepare(`explain query plan ${statement}`)
      .all()
      .map(({ detail }) => String(detail)),
  }))
}

describe('query plans of logins', () => {
  it('are as they were chosen, and none reads a whole table', async () => {
    const plans = await plansOfLogins()
    expect(plans.filter(({ plan }) => plan.length === 0 || plan.some(step => step.startsWith('SCAN')))).toEqual([])
    await expect(JSON.stringify(plans, null, 2)).toMatchFileSnapshot('query-plans.logins.txt')
  })
})
