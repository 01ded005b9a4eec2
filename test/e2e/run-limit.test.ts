import type { TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { startFederation } from '../harness/federation.ts'
import { fakeSite, realSite } from '../harness/sites.ts'
import { until } from '../harness/until.ts'

const ONE_SECOND_HOURS = 1 / 3600
const sleeping: Partial<TesTask> = { executors: [{ image: 'alpine', command: ['sleep', '600'] }] }

describe.concurrent('a run that takes too long', () => {
  it('is cancelled at a real site and ends with the limit and the fix, and is not run again', async () => {
    await using federation = await startFederation({ sites: [realSite('a'), realSite('b')] })
    const task = await federation.run({ ...sleeping, tags: { portolan_max_runtime: '1s', portolan_rerunnable: 'true' } })
    expect(task.state).toBe('SYSTEM_ERROR')
    expect(task.logs?.[0]?.system_logs).toContainEqual(
      expect.stringMatching(
        /^RUN_TOO_LONG: attempt 1 at site [ab] has reached the limit of 1 s that the task set \(portolan_max_runtime\), so the broker cancels it\. Set a higher one, or split the task\.$/,
      ),
    )
    const { attempts } = JSON.parse((await federation.portolan(`tasks/${task.id}/attempts`)).text)
    expect(attempts).toMatchObject([{ number: 1, state: 'TERMINAL', site_state: 'CANCELED', end: { outcome: 'CANCELED' } }])
    expect(Date.parse(attempts[0].overrun_at) - Date.parse(attempts[0].ran_since)).toBeGreaterThanOrEqual(1000)
  })

  it('is cut off by the limit of its site as well', async () => {
    await using federation = await startFederation({ sites: [realSite('a', { capacity: { maxRunHours: ONE_SECOND_HOURS } })] })
    const task = await federation.run(sleeping)
    expect(task.state).toBe('SYSTEM_ERROR')
    expect(task.logs?.[0]?.system_logs?.join('\n')).toMatch(/RUN_TOO_LONG: .* limit of 1 s of the site \(capacity\.maxRunHours\)/)
  })

  it('goes on counting where it was when the broker starts again', async () => {
    await using federation = await startFederation({ sites: [fakeSite('a', {}, { steps: () => ['RUNNING'] })] })
    const id = await federation.submit({ tags: { portolan_max_runtime: '4s' } })
    const since = await until('the run is seen', async () => {
      const { attempts } = JSON.parse((await federation.portolan(`tasks/${id}/attempts`)).text)
      return attempts[0]?.ran_since as string | undefined
    })
    await federation.restart()
    await federation.settle()
    expect((await federation.full(id)).state).toBe('SYSTEM_ERROR')
    const { attempts } = JSON.parse((await federation.portolan(`tasks/${id}/attempts`)).text)
    expect(attempts[0].ran_since).toBe(since)
  })

  it('leaves a task alone that ends in time', async () => {
    await using federation = await startFederation({ sites: [realSite('a')] })
    expect((await federation.run({ tags: { portolan_max_runtime: '1m' } })).state).toBe('COMPLETE')
  })
})
