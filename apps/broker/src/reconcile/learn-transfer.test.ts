import type { Location, LocationId } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { openActions } from '../../test/action-parts.ts'
import type { Locator } from '../data/locator.ts'
import { NOW } from '../stores/contract/builders.ts'

const URL = 'https://store.example.org/big'
const TASK: TesTask = {
  executors: [{ image: 'alpine', command: ['true'] }],
  inputs: [
    { url: URL, path: '/in/big' },
    { content: 'text', path: '/in/small' },
  ],
}
/** Serves the files of a shared work directory. */
const STORE: Location = {
  id: 'store' as LocationId,
  country: 'DE',
  kind: 'http',
  prefixes: [{ url: 'https://store.example.org/', sensitivity: 'public', access: 'share' }],
  pathMaps: [{ from: '/nfs/work/', to: 'https://store.example.org/' }],
}
const time = (ms: number): string => new Date(NOW + ms).toISOString()

/** Knows 50 MB at one location, and the budgets that it was asked within. */
function knowing(changes: { readonly assumed?: boolean } = {}): Locator & { readonly budgets: number[] } {
  const replicas = [{ location: 'store' as LocationId, url: URL }]
  const budgets: number[] = []
  return {
    budgets,
    find: () => replicas,
    async locate(inputs, budgetMs) {
      budgets.push(budgetMs)
      return inputs.map(() => ({ replicas, bytes: 50_000_000, files: 1, assumed: false, ...changes }))
    },
  }
}

/** What the ledger knows after a task whose inputs took `stagingMs` by the clock of the site. */
async function learnFrom(locator: Locator, stagingMs: number | undefined, url = URL) {
  const locations = [STORE]
  await using open = await openActions({ locator, locations })
  const task: TesTask = { ...TASK, inputs: [{ url, path: '/in/big' }, ...(TASK.inputs ?? []).slice(1)] }
  const { attempt, id } = await open.send({ documentText: JSON.stringify(task) })
  // What its paths meant when it was sent still counts.
  locations.splice(0, 1, { ...STORE, pathMaps: [] })
  const executor = { start_time: stagingMs === undefined ? undefined : time(stagingMs), end_time: time(60_000), exit_code: 0 }
  const body = { ...TASK, id, state: 'COMPLETE', logs: [{ start_time: time(0), outputs: [], logs: [executor] }] }
  open.site.script.add('get', { do: 'answer', status: 200, body })
  await open.actions.read(attempt, id, open.lease, open.signal)
  expect(open.attemptOf(attempt.work).state).toBe('TERMINAL')
  return open.ledger.status(NOW).learned
}

describe('the end of a task', () => {
  it('tells how fast its inputs came from where they lie, and nobody is asked for that', async () => {
    const locator = knowing()
    // 50 MB in 16 s and 100 ms are 25 Mbit/s; with the 100 Mbit/s that were declared that makes 50.
    expect(await learnFrom(locator, 16_100)).toEqual({ store: expect.closeTo(50_000, -4) })
    expect(locator.budgets).toEqual([0])
  })

  it('knows the URLs of paths in a shared work directory', async () => {
    const asked: string[] = []
    const known = knowing()
    const locator: Locator = {
      ...known,
      locate(inputs, budgetMs) {
        asked.push(...inputs.map(({ url }) => url))
        return known.locate(inputs, budgetMs)
      },
    }
    expect(await learnFrom(locator, 16_100, '/nfs/work/big')).toHaveProperty('store')
    expect(asked).toEqual([URL])
  })

  it.each([
    ['where the size is not known any more', knowing({ assumed: true }), 16_100],
    ['where the site does not say when the executor began', knowing(), undefined],
    ['where it took less than a second', knowing(), 900],
  ])('tells nothing %s', async (_sentence, locator, stagingMs) => {
    expect(await learnFrom(locator, stagingMs)).toBeUndefined()
  })
})
