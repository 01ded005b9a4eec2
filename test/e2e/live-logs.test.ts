import type { TesState } from '@portolan/tes'
import type { FakeSite } from '@portolan/tes/testing'
import { describe, expect, it } from 'vitest'
import type { LiveLog } from '../../apps/broker/src/api/data-schemas.ts'
import { startFederation, type TestFederation } from '../harness/federation.ts'
import { fakeSite, tokenOf } from '../harness/sites.ts'
import { until } from '../harness/until.ts'

const PER_SECOND = 5

/** From now on the site shows the task so to whoever asks for it alone. */
function say(site: FakeSite, id: string, state: TesState, stdout: string, exit_code?: number): void {
  const logs = [{ logs: [{ stdout, exit_code }], outputs: [], system_logs: ['the site speaks'] }]
  site.script.clear()
  site.script.add('get', { do: 'answer', status: 200, body: { id, state, logs } }, { times: Number.POSITIVE_INFINITY })
}

async function readLogs(federation: TestFederation, id: string): Promise<LiveLog> {
  const { text } = await federation.portolan(`tasks/${id}/logs`)
  return JSON.parse(text)
}

async function startOne(limits: object = { liveReadsPerSecond: PER_SECOND }) {
  const federation = await startFederation({ sites: [fakeSite('berlin', { limits }, { progress: 'manual' })] })
  const site = federation.fake('berlin')
  const id = await federation.submit()
  await until('the site has it', () => site.tasks.size === 1)
  const [siteTask = ''] = site.tasks.keys()
  return { federation, site, id, siteTask }
}

const stdoutOf = ({ executors }: LiveLog) => executors[0]?.stdout

describe('the logs of a task', () => {
  it('are those of its site while it runs, and the stored ones when it has ended', async () => {
    const { federation, site, id, siteTask } = await startOne()
    await using _ = federation
    say(site, siteTask, 'RUNNING', 'one\n')
    site.setState(siteTask, 'RUNNING', 'COMPLETE')
    const first = await until('it is seen', async () => {
      const logs = await readLogs(federation, id)
      return stdoutOf(logs)?.text === 'one\n' && logs.state === 'RUNNING' && logs
    })
    expect(first).toMatchObject({ task: id, live: true, seen_at: expect.any(String), executors: [{ stdout: { from: 0, total: 4 } }] })
    expect(first.system_logs).toContain('the site speaks')
    expect(first.executors[0]).not.toHaveProperty('exit_code')

    const long = `head\n${'x'.repeat(400_000)}\ntail\n`
    say(site, siteTask, 'RUNNING', long)
    await until('more is seen', async () => (stdoutOf(await readLogs(federation, id))?.total ?? 0) === long.length)
    say(site, siteTask, 'COMPLETE', long, 0)
    site.advance()
    const last = await until('its end', async () => {
      const logs = await readLogs(federation, id)
      return logs.state === 'COMPLETE' && logs
    })
    expect(last).toMatchObject({ live: false, executors: [{ exit_code: 0 }] })
    expect(last).not.toHaveProperty('seen_at')
    expect(stdoutOf(last)).toEqual({ text: long.slice(-65_536), from: long.length - 65_536, total: long.length })
  })

  it('T16 cost the site no more than its budget for them, whoever asks', async () => {
    const { federation, site, id, siteTask } = await startOne()
    await using _ = federation
    say(site, siteTask, 'RUNNING', 'one\n')
    site.setState(siteTask, 'RUNNING', 'COMPLETE')
    await until('it runs', async () => (await readLogs(federation, id)).state === 'RUNNING')
    const looks = () => site.requests.filter(({ operation, url }) => operation === 'get' && url.includes('FULL'))
    while (looks().length < 8) await Promise.all(Array.from({ length: 20 }, () => readLogs(federation, id)))
    const times = looks().map(({ at }) => at)
    const lasted = (times.at(-1) ?? 0) - (times[0] ?? 0)
    expect(times.length).toBeLessThanOrEqual(2 + (lasted * PER_SECOND) / 1000)
  })

  it('T10 never show the credential that the site was sent', async () => {
    const { federation, site, id, siteTask } = await startOne()
    await using _ = federation
    say(site, siteTask, 'RUNNING', `got Bearer ${tokenOf('berlin')}\n`)
    site.setState(siteTask, 'RUNNING', 'COMPLETE')
    const logs = await until('it is seen', async () => {
      const got = await readLogs(federation, id)
      return stdoutOf(got)?.text.startsWith('got') && got
    })
    expect(JSON.stringify(logs)).not.toContain(tokenOf('berlin'))
  })

  it('say why there is nothing newer where the site does not answer', async () => {
    const { federation, site, id, siteTask } = await startOne()
    await using _ = federation
    site.setState(siteTask, 'RUNNING', 'COMPLETE')
    site.script.add('get', { do: 'answer', status: 500 }, { times: Number.POSITIVE_INFINITY })
    const logs = await until('it fails', async () => {
      const got = await readLogs(federation, id)
      return got.why !== undefined && got
    })
    expect(logs).toMatchObject({ live: true, executors: [], why: expect.stringContaining('500') })
  })

  it('of a task that is nowhere yet are empty', async () => {
    await using federation = await startFederation({ sites: [fakeSite('berlin', { draining: true })] })
    const id = await federation.submit()
    const logs = await until('it says that it waits', async () => {
      const got = await readLogs(federation, id)
      return got.system_logs.length > 0 && got
    })
    expect(logs).toMatchObject({ live: false, state: 'QUEUED', executors: [] })
  })
})
