/**
 * What goes on, followed at the command line: logs, and states by events.
 */
import type { TesState } from '@portolan/tes'
import { createFakeSite, type FakeSite } from '@portolan/tes/testing'
import { describe, expect, it } from 'vitest'
import { openFederation } from '../../../test/faults/fake-federation.ts'
import { startFederation } from '../../../test/harness/federation.ts'
import { fakeSite } from '../../../test/harness/sites.ts'
import { until } from '../../../test/harness/until.ts'
import { jsonLines, runHere, startPortolan } from './portolan.ts'

/** From now on the site shows the task so to whoever asks for it alone. */
function say(site: FakeSite, id: string, state: TesState, stdout: string, stderr = '', exit_code?: number): void {
  const logs = [{ logs: [{ stdout, stderr, exit_code }], outputs: [], system_logs: ['pulled'] }]
  site.script.clear()
  site.script.add('get', { do: 'answer', status: 200, body: { id, state, logs } }, { times: Number.POSITIVE_INFINITY })
}

async function startOne() {
  const federation = await startFederation({ sites: [fakeSite('berlin', { limits: { liveReadsPerSecond: 10 } }, { progress: 'manual' })] })
  const site = federation.fake('berlin')
  const id = await federation.submit()
  await until('the site has it', () => site.tasks.size === 1)
  const [siteTask = ''] = site.tasks.keys()
  return { federation, site, id, siteTask }
}

describe('logs --follow', () => {
  it('prints each character once, across what is left out of the stored log, and ends as the task does', async () => {
    const { federation, site, id, siteTask } = await startOne()
    await using _ = federation
    say(site, siteTask, 'RUNNING', 'one\n')
    site.setState(siteTask, 'RUNNING', 'EXECUTOR_ERROR')
    const { read, ended } = startPortolan(['logs', id, '-f', '--stdout', '--interval', '0.1', '--url', federation.url()])
    await until('the first line', () => read() === 'one\n')
    say(site, siteTask, 'RUNNING', 'one\ntwo')
    await until('a part of a line', () => read() === 'one\ntwo')
    const long = `one\ntwo and more\n${'x'.repeat(300_000)}\n`
    say(site, siteTask, 'RUNNING', long.slice(0, 60_000))
    await until('more', () => read().length === 60_000)
    say(site, siteTask, 'EXECUTOR_ERROR', `${long}end\n`, '', 3)
    site.advance()
    const { code, stdout, stderr } = await ended
    expect(code).toBe(12)
    const whole = `${long}end\n`
    expect(stdout).toBe(whole.slice(0, 60_000) + whole.slice(-65_536))
    expect(stderr).toContain(`executor 1, stdout: ${whole.length - 65_536 - 60_000} characters are left out here\n`)
    expect(stderr).toContain(`${id} ended as EXECUTOR_ERROR\n`)
  })

  it('says whose each part is where there are several, and has each as JSON', async () => {
    const { federation, site, id, siteTask } = await startOne()
    await using _ = federation
    say(site, siteTask, 'COMPLETE', 'out\n', 'err', 0)
    site.setState(siteTask, 'COMPLETE')
    await federation.settle()
    const url = ['--url', federation.url()]
    const text = await runHere(['logs', id, '--follow', ...url])
    expect(text.code).toBe(0)
    expect(text.stdout).toMatch(/^== executor 1, stdout\nout\n== executor 1, stderr\nerr\n== system\n(.+\n)*pulled\n$/)
    const lines = jsonLines((await runHere(['logs', id, '--follow', '--json', ...url])).stdout)
    expect(lines.slice(0, 2)).toEqual([
      { executor: 1, kind: 'stdout', text: 'out\n' },
      { executor: 1, kind: 'stderr', text: 'err' },
    ])
    expect(lines.at(-1)).toEqual({ kind: 'system', text: 'pulled' })
  })

  it('works at any TES server by looking again', async () => {
    await using site = await createFakeSite({ progress: 'manual' })
    const answer = await fetch(`${site.url}/tasks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ executors: [{ image: 'alpine', command: ['true'] }] }),
    })
    const { id }: { id: string } = JSON.parse(await answer.text())
    say(site, id, 'RUNNING', 'so far\n')
    const { read, ended } = startPortolan(['logs', id, '-f', '--stdout', '--interval', '0.1', '--url', site.url])
    await until('the first line', () => read() === 'so far\n')
    say(site, id, 'COMPLETE', 'so far\nand all\n', '', 0)
    expect(await ended).toEqual({ code: 0, stdout: 'so far\nand all\n', stderr: '' })
  })

  it('outlives a server that is away for longer than it was asked', async () => {
    await using site = await createFakeSite({ progress: 'manual' })
    const id = 'here-it-runs'
    say(site, id, 'RUNNING', 'so far\n')
    const { read, ended } = startPortolan(['logs', id, '-f', '--stdout', '--interval', '0.1', '--url', site.url])
    await until('the first line', () => read() === 'so far\n')
    const before = site.requests.length
    site.script.clear()
    site.script.add('get', { do: 'hang-up' }, { times: Number.POSITIVE_INFINITY })
    // A look is three requests at most.
    await until('four looks were in vain', () => site.requests.length - before >= 12)
    say(site, id, 'COMPLETE', 'so far\nand all\n', '', 0)
    const { code, stdout, stderr } = await ended
    expect([code, stdout]).toEqual([0, 'so far\nand all\n'])
    expect(stderr.match(/looking again/g)).toHaveLength(1)
  })

  it('asks no second time for a task that nobody knows', async () => {
    await using site = await createFakeSite({ progress: 'manual' })
    const { code, stderr } = await runHere(['logs', 'nobody-knows', '-f', '--url', site.url])
    expect([code, stderr.includes('looking again')]).toEqual([5, false])
  })
})

describe('watch at a broker', () => {
  it('hears of changes by events, long before it would look again', async () => {
    const { federation, site, id, siteTask } = await startOne()
    await using _ = federation
    const { read, ended } = startPortolan(['watch', id, '--json', '--interval', '600', '--url', federation.url()])
    await until('it watches', () => jsonLines(read()).length > 0)
    site.setState(siteTask, 'RUNNING', 'COMPLETE')
    await until('it runs', () => read().includes('"RUNNING"'))
    site.advance()
    const { code, stdout } = await ended
    expect(code).toBe(0)
    const states = jsonLines(stdout).map(({ state }) => state)
    expect(states.slice(-2)).toEqual(['RUNNING', 'COMPLETE'])
    expect(new Set(states).size).toBe(states.length)
  })

  it('goes on by itself when the broker is started anew, and tells each change once', async () => {
    await using site = await createFakeSite({ progress: 'manual' })
    await using federation = await openFederation({ berlin: site })
    await federation.start()
    const [id, second] = [await federation.submit(), await federation.submit()]
    await until('the site has both', () => site.tasks.size === 2)
    const { read, ended } = startPortolan(['watch', id, second, '--json', '--interval', '600', '--url', federation.url])
    await until('it watches both', () => new Set(jsonLines(read()).map(line => line.id)).size === 2)
    await federation.stop()
    for (const task of site.tasks.keys()) site.setState(task, 'COMPLETE')
    await federation.start()
    const { code, stdout, stderr } = await ended
    expect([code, stderr]).toEqual([0, expect.stringContaining('The stream of events broke: ')])
    const changes = jsonLines(stdout).map(line => `${String(line.id)} ${String(line.state)}`)
    expect(new Set(changes).size).toBe(changes.length)
    expect(changes).toEqual(expect.arrayContaining([`${id} COMPLETE`, `${second} COMPLETE`]))
  })
})
