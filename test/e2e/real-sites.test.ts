import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LiveLog } from '../../apps/broker/src/api/data-schemas.ts'
import { startFederation, type TestFederation } from '../harness/federation.ts'
import { realSite, type StartedSite, tokenOf } from '../harness/sites.ts'
import { until } from '../harness/until.ts'

/** Real sites run what they are told: each has data of its own, which everybody may read. */
const site = (id: string) => realSite(id, { holds: [`${id}-data`] }, { publicPrefixes: ['/public/'] })

const locationOf = ({ spec, real }: StartedSite) => ({
  id: `${spec.id}-data`,
  country: 'DE',
  kind: 'http',
  endpoint: real?.url,
  prefixes: [
    { url: `${real?.dataUrl}public/`, sensitivity: 'public' },
    { url: `${real?.dataUrl}results/`, sensitivity: 'public', outputs: true },
  ],
})

const federate = (...ids: string[]): Promise<TestFederation> =>
  startFederation({ sites: ids.map(site), locations: at => ids.map(id => locationOf(at(id))) })

async function put(federation: TestFederation, id: string, name: string, text: string): Promise<string> {
  const { dataFolder, real } = federation.site(id)
  await mkdir(join(dataFolder, 'public'), { recursive: true })
  await writeFile(join(dataFolder, 'public', name), text)
  return `${real?.dataUrl}public/${name}`
}

describe.concurrent('real sites', () => {
  it('run a task where its file lies; logs and results come back', async () => {
    await using federation = await federate('berlin', 'paris')
    const url = await put(federation, 'paris', 'reads.txt', 'ACGT\n'.repeat(1_000))
    const { real, dataFolder } = federation.site('paris')
    const inputs = [{ url, path: '/in/reads.txt', type: 'FILE' as const }]
    await federation.knowSizes({ inputs })
    const done = await federation.run({
      name: 'count',
      inputs,
      outputs: [{ url: `${real?.dataUrl}results/count.txt`, path: '/out/count.txt', type: 'FILE' }],
      executors: [
        {
          image: 'alpine',
          command: ['sh', '-c', 'wc -l < "$1" > "$2"; echo counted; echo careful >&2', 'sh', '/in/reads.txt', '/out/count.txt'],
        },
      ],
    })
    const [log] = done.logs ?? []
    // Only the site has a key to the results there.
    expect([done.state, log?.system_logs]).toEqual(['COMPLETE', [expect.stringContaining('the store does not let the broker look at')]])
    expect(log?.metadata?.['portolan.site']).toBe('paris')
    expect(log?.logs).toMatchObject([{ exit_code: 0, stdout: 'counted\n', stderr: 'careful\n' }])
    expect((await readFile(join(dataFolder, 'results', 'count.txt'), 'utf8')).trim()).toBe('1000')
    expect(log?.outputs).toMatchObject([{ url: `${real?.dataUrl}results/count.txt`, path: '/out/count.txt' }])
    const decision = await federation.placement(done.id)
    expect(decision.sites.map(({ id, terms }) => [id, terms?.bytesToMove, terms?.assumed.includes('/in/reads.txt')])).toEqual([
      ['berlin', 5_000, false],
      ['paris', 0, false],
    ])
  })

  it('tell the tool’s own failure with its exit code, and the broker does not try it again', async () => {
    await using federation = await federate('berlin', 'paris')
    const done = await federation.run({ executors: [{ image: 'alpine', command: ['sh', '-c', 'echo so far; exit 7'] }] })
    expect(done.state).toBe('EXECUTOR_ERROR')
    expect(done.logs).toHaveLength(1)
    expect(done.logs?.[0]?.logs).toMatchObject([{ exit_code: 7, stdout: 'so far\n' }])
    expect(JSON.parse((await federation.portolan(`tasks/${done.id}/attempts`)).text).attempts).toHaveLength(1)
  })

  it('show what a task writes, while it runs', async () => {
    await using federation = await startFederation({ sites: [realSite('berlin', { limits: { liveReadsPerSecond: 5 } })] })
    const gate = join(federation.site('berlin').dataFolder, 'gate')
    // Who reads the pipe waits until somebody has written to it.
    const command = ['sh', '-c', 'mkfifo "$1"; echo one; echo careful >&2; cat "$1"; echo two', 'sh', gate]
    const id = await federation.submit({ executors: [{ image: 'alpine', command }] })
    const readLogs = async () => LiveLog.parse(JSON.parse((await federation.portolan(`tasks/${id}/logs`)).text))
    const seen = await until('its first line', async () => {
      const logs = await readLogs()
      return logs.state === 'RUNNING' && logs.executors[0]?.stdout?.text === 'one\n' && logs
    })
    expect(seen).toMatchObject({ live: true, executors: [{ stderr: { text: 'careful\n' } }] })
    expect(seen.executors[0]).not.toHaveProperty('exit_code')
    await writeFile(gate, '')
    await federation.settle()
    expect(await readLogs()).toMatchObject({
      state: 'COMPLETE',
      live: false,
      executors: [{ exit_code: 0, stdout: { text: 'one\ntwo\n' } }],
    })
  })

  it('stop what is cancelled', async () => {
    await using federation = await federate('berlin')
    const id = await federation.submit({ executors: [{ image: 'alpine', command: ['sleep', '300'] }] })
    await until('it runs', async () => (await federation.client().getTask(id)).state === 'RUNNING')
    await federation.client().cancelTask(id)
    await federation.settle()
    expect((await federation.full(id)).state).toBe('CANCELED')
  })

  it('get their tokens, and nobody else does: no answer and no line of the log holds one (I13)', async () => {
    await using federation = await federate('berlin')
    const done = await federation.run({ executors: [{ image: 'alpine', command: ['env'] }] })
    expect(done.state).toBe('COMPLETE')
    const placement = await federation.portolan(`tasks/${done.id}/placement`)
    const attempts = await federation.portolan(`tasks/${done.id}/attempts`)
    expect(JSON.stringify([done, placement, attempts, federation.logged])).not.toContain(tokenOf('berlin'))
    expect(federation.logged.length).toBeGreaterThan(0)
  })
})
