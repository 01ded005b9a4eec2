import { describe, expect, it } from 'vitest'
import { HOLD_MS } from '../../apps/broker/src/api/abandoned-creates.ts'
import { startFederation } from '../harness/federation.ts'
import { fakeSite } from '../harness/sites.ts'
import { until } from '../harness/until.ts'

const TASK = { name: 'left', executors: [{ image: 'alpine', command: ['true'] }] }

describe('a create whose client hung up', () => {
  it('is cancelled by the next broker when the first is gone before it could, and no site ever gets it', async () => {
    let ahead = 0
    const now = (): number => Date.now() + ahead
    await using federation = await startFederation({
      sites: [fakeSite('only')],
      options: { now, storeSwitches: { commitDelayMs: 500 } },
    })
    await expect(
      fetch(`${federation.url()}/ga4gh/tes/v1/tasks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(TASK),
        signal: AbortSignal.timeout(200),
      }),
    ).rejects.toThrow()
    const id = await until('the task is stored', async () => (await federation.client().listTasks().toArray({ limit: 1 }))[0]?.id)
    await federation.restart({ now })
    expect((await federation.full(id)).state).toBe('QUEUED')
    ahead = HOLD_MS + 1_000
    await federation.settle()
    expect((await federation.full(id)).state).toBe('CANCELED')
    expect(federation.fake('only').requests.filter(({ operation }) => operation === 'create')).toEqual([])
  })
})
