import { isLegalPath } from '@portolan/federation'
import { isTerminal, type TesState } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { startFederation, type TestFederation } from '../harness/federation.ts'
import { fakeSite } from '../harness/sites.ts'
import { until } from '../harness/until.ts'

/** Every state that a user who looks all the time sees, one after the other. */
async function watch(federation: TestFederation, id: string): Promise<readonly TesState[]> {
  const seen: TesState[] = []
  await until(`the end of ${id}`, async () => {
    const { state } = await federation.client().getTask(id)
    if (seen.at(-1) !== state) seen.push(state)
    return isTerminal(state)
  })
  return seen
}

describe.concurrent('the states that a user sees (I7)', () => {
  it.each<[string, readonly TesState[], readonly TesState[]]>([
    ['in order', ['QUEUED', 'INITIALIZING', 'RUNNING', 'COMPLETE'], ['QUEUED', 'INITIALIZING', 'RUNNING', 'COMPLETE']],
    ['with a pause', ['RUNNING', 'PAUSED', 'RUNNING', 'PAUSED', 'COMPLETE'], []],
    ['back and forth', ['UNKNOWN', 'RUNNING', 'QUEUED', 'INITIALIZING', 'RUNNING', 'COMPLETE'], []],
    ['with an end that is taken back', ['RUNNING', 'SYSTEM_ERROR', 'RUNNING', 'RUNNING', 'COMPLETE'], []],
  ])('form a legal path when the site shows them %s', async (_, steps, expected) => {
    await using federation = await startFederation({ sites: [fakeSite('only', {}, { steps: () => steps })] })
    const seen = await watch(federation, await federation.submit())
    expect(isLegalPath(seen)).toBe(true)
    expect(seen.at(-1)).toBe('COMPLETE')
    if (expected.length > 0) expect(expected.filter(state => seen.includes(state))).toEqual(seen)
  })

  it('form a legal path over two attempts', async () => {
    await using federation = await startFederation({
      sites: ['a', 'b'].map(id => fakeSite(id, {}, { steps: () => ['QUEUED', 'RUNNING', 'PREEMPTED'] })),
    })
    const seen = await watch(federation, await federation.submit())
    expect(isLegalPath(seen)).toBe(true)
    expect(seen.at(-1)).toBe('SYSTEM_ERROR')
  })

  it('form a legal path at a hostile site', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only', {}, { personality: 'hostile' })] })
    const seen = await watch(federation, await federation.submit())
    expect(isLegalPath(seen)).toBe(true)
    expect(seen.at(-1)).toBe('COMPLETE')
  })
})

describe.concurrent('what a task leaves behind', () => {
  const huge = 'x'.repeat(600_000)
  const ended = (stdout: string) => ({
    state: 'COMPLETE',
    executors: [{ image: 'alpine', command: ['true'] }],
    logs: [
      {
        start_time: '2026-01-01T00:00:00Z',
        end_time: '2026-01-01T00:00:05Z',
        logs: [{ exit_code: 0, stdout, stderr: 'warned' }],
        outputs: [{ url: 'https://results.example.org/x', path: '/x', size_bytes: '12' }],
        system_logs: ['the site says'],
        metadata: { node: 'n7' },
      },
    ],
  })

  /** One task that ended with this on its standard output; its site is gone since. */
  async function finish(federation: TestFederation, stdout: string): Promise<string> {
    const site = federation.fake('only')
    site.quirks.nextIds.push('t1')
    site.script.add('get', { do: 'answer', status: 200, body: { id: 't1', ...ended(stdout) } }, { times: Number.POSITIVE_INFINITY })
    const { id } = await federation.run({
      name: 'kept',
      tags: { colour: 'blue' },
      outputs: [{ url: 'https://results.example.org/x', path: '/x' }],
    })
    await federation.site('only').stop()
    return id
  }

  it('stays when its site is gone: logs and outputs in FULL, neither in BASIC, and nothing but the state in MINIMAL', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only')] })
    const id = await finish(federation, 'hello')
    const [log, ...more] = (await federation.full(id)).logs ?? []
    expect(more).toEqual([])
    expect(log).toMatchObject({
      start_time: '2026-01-01T00:00:00Z',
      end_time: '2026-01-01T00:00:05Z',
      logs: [{ exit_code: 0, stdout: 'hello', stderr: 'warned' }],
      outputs: [{ url: 'https://results.example.org/x', path: '/x', size_bytes: '12' }],
      metadata: { node: 'n7', 'portolan.site': 'only', 'portolan.attempt': '1' },
    })
    expect(log?.system_logs).toContain('the site says')
    const basic = await federation.client().getTask(id, { view: 'BASIC' })
    expect(basic).toMatchObject({ name: 'kept', tags: { colour: 'blue' }, state: 'COMPLETE' })
    expect(JSON.stringify(basic)).not.toMatch(/hello|warned|the site says/)
    const minimal = await fetch(`${federation.url()}/ga4gh/tes/v1/tasks/${id}`, { signal: AbortSignal.timeout(5_000) })
    expect(await minimal.json()).toEqual({ id, state: 'COMPLETE' })
    await federation.restart()
    expect((await federation.full(id)).logs?.[0]?.logs).toMatchObject([{ stdout: 'hello' }])
  })

  it('has head and tail of a huge log', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only')] })
    const id = await finish(federation, `head${huge}tail`)
    const stdout = (await federation.full(id)).logs?.[0]?.logs[0]?.stdout ?? ''
    expect(stdout.length).toBeLessThan(300_000)
    expect(stdout.startsWith('head')).toBe(true)
    expect(stdout.endsWith('tail')).toBe(true)
    expect(stdout).toMatch(/\[\d+ characters left out\]/)
  })
})
