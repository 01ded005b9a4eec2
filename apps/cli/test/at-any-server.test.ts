import { createFakeSite, type FakeSite } from '@portolan/tes/testing'
import { describe, expect, it } from 'vitest'
import { realSite, startSpec, tokenOf } from '../../../test/harness/sites.ts'
import { until } from '../../../test/harness/until.ts'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { jsonLines, runHere, startPortolan } from './portolan.ts'
import { makeFolder } from './temporary.ts'

const TASK = { name: 'count', tags: { a: 'b' }, executors: [{ image: 'alpine', command: ['true'] }] }
const INPUT = { input: JSON.stringify(TASK) }
const fast = ['--interval', '0.05']
/** Where the server is, without the base path of its API. */
const originOf = (site: FakeSite): string => new URL(site.url).origin

describe.each(['tes-1.1', 'tesk', 'funnel', 'hostile'] as const)('at a %s server', personality => {
  it('every command of TES works from the bare address', async () => {
    await using site = await createFakeSite({ personality, steps: () => ['QUEUED', 'RUNNING', 'RUNNING', 'COMPLETE'] })
    const url = ['--url', originOf(site)]
    const submitted = await runHere(['submit', '-', '--watch', ...fast, ...url], INPUT)
    expect([submitted.code, submitted.stderr]).toEqual([0, ''])
    const [id = '', ...changes] = submitted.stdout.trimEnd().split('\n')
    expect(changes.at(-1)).toMatch(new RegExp(`Z ${id} COMPLETE count$`))

    const got = await runHere(['get', id, ...url])
    expect([got.code, got.stdout]).toEqual([0, expect.stringContaining(`id: ${id}\nstate: COMPLETE\nname: count\n`)])
    const listed = await runHere(['list', '--json', '--state', 'COMPLETE', ...url])
    expect(jsonLines(listed.stdout)).toMatchObject([{ id, state: 'COMPLETE' }])
    const logs = await runHere(['logs', id, ...url])
    expect([logs.code, logs.stdout]).toEqual([0, expect.stringMatching(personality === 'hostile' ? /one line/ : /Ended as COMPLETE/)])

    site.setState(id, 'RUNNING', 'RUNNING', 'RUNNING')
    const canceled = await runHere(['cancel', id, '--json', ...url])
    expect([canceled.code, jsonLines(canceled.stdout)]).toEqual([0, [{ id, asked: true }]])
    expect((await runHere(['watch', id, ...fast, ...url])).code).toBe(10)
    const none = await runHere(['watch', ...url])
    expect([none.code, none.stderr]).toEqual([0, 'There is no task that has not ended\n'])
  })

  it('what only a broker has is said to be missing', async () => {
    await using site = await createFakeSite({ personality })
    const url = ['--url', site.url]
    const ended = await Promise.all([
      runHere(['sites', ...url]),
      runHere(['explain', 'x', ...url]),
      runHere(['explain', '-', ...url], INPUT),
    ])
    for (const { code, stdout, stderr } of ended) {
      expect([code, stdout]).toEqual([6, ''])
      expect(stderr.split('\n')).toEqual([
        `portolan: ${originOf(site)} speaks TES but is no Portolan broker: it has no /portolan/v1`,
        'Give the address of a broker as --url; sites, placements and attempts are known there only.',
        '',
      ])
    }
    expect(site.tasks.size).toBe(0)
  })
})

describe('at a real site', () => {
  it('a token is needed, and is read from where the reference points', async () => {
    await using folder = await makeFolder({ token: `${tokenOf('berlin')}\n`, 'task.json': TASK })
    const site = await startSpec(realSite('berlin'), folder.path)
    try {
      const origin = new URL(site.url).origin
      const submit = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
        runHere(['submit', 'task.json', '--watch', ...fast, ...args], { cwd: folder.path, env: { PORTOLAN_URL: origin, ...env } })
      const refused = await submit([])
      expect([refused.code, refused.stderr.split('\n')[1]]).toEqual([
        4,
        'Log in with portolan login, or give a token that the server knows with --token-ref (or PORTOLAN_TOKEN).',
      ])
      expect((await submit(['--token-ref', 'file:token'])).code).toBe(0)
      expect((await submit(['--token-ref', 'env:TOKEN'], { TOKEN: tokenOf('berlin') })).code).toBe(0)
      expect((await submit([], { PORTOLAN_TOKEN: tokenOf('berlin') })).code).toBe(0)
      const wrong = await submit([], { PORTOLAN_TOKEN: makeSecret('some-other-secret') })
      expect([wrong.code, wrong.stderr]).toEqual([4, expect.not.stringContaining('some-other-secret')])
    } finally {
      await site.stop()
    }
  })
})

describe('a credential', () => {
  it('with a user name is HTTP basic', async () => {
    await using site = await createFakeSite()
    await runHere(['list', '--url', site.url, '--user', 'ann'], { env: { PORTOLAN_TOKEN: makeSecret('päss:word') } })
    const headers = site.requests.map(request => request.headers.authorization)
    expect(new Set(headers)).toEqual(new Set([`Basic ${Buffer.from(`ann:${makeSecret('päss:word')}`).toString('base64')}`]))
  })

  it.each([
    ['itself instead of a reference', ['--token-ref', makeSecret('my-own-secret')], {}],
    ['in a variable that is not set', ['--token-ref', 'env:NO_SUCH'], {}],
    ['with a line end in it', [], { PORTOLAN_TOKEN: makeSecret('my-own\nsecret') }],
    ['missing beside a user name', ['--user', 'ann'], {}],
  ])('%s is refused before anything is sent, and not repeated', async (_sentence, args, env) => {
    const { code, stderr } = await runHere(['list', '--url', 'http://127.0.0.1:1', ...args], { env })
    expect([code, stderr.split('\n').length]).toEqual([2, 3])
    expect(stderr).not.toMatch(/my-own/)
  })
})

describe('trouble', () => {
  it('nobody there: 3, and what to do', async () => {
    const { code, stdout, stderr } = await runHere(['list', '--url', 'http://127.0.0.1:1'])
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toMatch(/^portolan: GET .* cannot be reached: .*\nCheck --url \(or PORTOLAN_URL\), and that the server runs\.\n$/)
  })

  it('no answer in time: 3', async () => {
    await using site = await createFakeSite()
    site.script.add('get', { do: 'hold' }, { times: 9 })
    const { code, stderr } = await runHere(['get', 'x', '--url', site.url, '--timeout', '0.3', '--json'])
    const [{ error } = {}] = jsonLines(stderr)
    expect([code, error]).toEqual([3, expect.objectContaining({ exitCode: 3, fix: 'Try again, or give it more seconds with --timeout.' })])
  })

  it('no TES server at the address: 5', async () => {
    await using site = await createFakeSite()
    const { code, stderr } = await runHere(['list', '--url', `${site.url}/elsewhere`])
    expect([code, stderr]).toEqual([5, expect.stringContaining('There is no TES service-info at')])
  })

  it('an answer to a submission that was lost says that the task may be there', async () => {
    await using site = await createFakeSite()
    site.script.add('create', { do: 'hang-up', committed: true })
    const { code, stderr } = await runHere(['submit', '-', '--url', site.url], INPUT)
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/\nThe server may have taken the task: look with portolan list before you submit it again\.\n$/),
    ])
    expect(site.tasks.size).toBe(1)
  })

  it.each([
    [429, 'too-many-requests'],
    [503, 'login-unavailable'],
  ])('a submission that was surely not taken is repeated when the server wants it (%i %s)', async (status, kind) => {
    await using site = await createFakeSite()
    const effect = {
      do: 'answer',
      status,
      headers: { 'retry-after': '0' },
      body: { type: `urn:portolan:error:${kind}`, msg: 'Not now' },
    } as const
    site.script.add('create', effect)
    const { code, stdout, stderr } = await runHere(['submit', '-', '--url', site.url], INPUT)
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\S+\n$/)])
    expect(stderr).toMatch(/^standard input: .*: Not now; waiting as the server asks\n$/)
    expect(site.tasks.size).toBe(1)
  })

  it.each([
    [429, 'too-many-requests'],
    [503, 'login-unavailable'],
  ])('and if that is later than one request may last, the error says that nothing was created, and when (%i %s)', async (status, kind) => {
    await using site = await createFakeSite()
    const body = { type: `urn:portolan:error:${kind}`, msg: 'Not now' }
    site.script.add('create', { do: 'answer', status, headers: { 'retry-after': '40' }, body })
    const { code, stdout, stderr } = await runHere(['submit', '-', '--url', site.url], INPUT)
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/Not now\nNothing was created\. Try again in 40 s\.\n$/)])
    expect(site.tasks.size).toBe(0)
  })

  it('ended by Ctrl-C while the answer is awaited says so too, and 130', async () => {
    await using site = await createFakeSite()
    site.script.add('create', { do: 'hold' })
    const { child, ended } = startPortolan(['submit', '-', '--url', site.url], INPUT)
    await until('the request is there', () => site.tasks.size === 1)
    child.kill('SIGINT')
    const { code, stdout, stderr } = await ended
    expect([code, stdout, stderr]).toEqual([
      130,
      '',
      expect.stringContaining('The server may have taken the task: look with portolan list'),
    ])
  })

  it('one task that cannot be canceled keeps no other from it', async () => {
    await using site = await createFakeSite({ progress: 'manual' })
    const { stdout } = await runHere(['submit', '-', '--url', site.url], INPUT)
    const id = stdout.trim()
    const { code, stdout: said, stderr } = await runHere(['cancel', 'no-such-task', id, '--url', site.url])
    expect([code, said, stderr.split('\n')[1]]).toEqual([
      5,
      `${id} is asked to end\n`,
      'Check the id and the address, and who you are there.',
    ])
    expect(site.tasks.get(id)?.state).toBe('CANCELED')
  })

  it('while it watches is told of, and outlived', async () => {
    await using site = await createFakeSite({ progress: 'manual' })
    const { stdout } = await runHere(['submit', '-', '--url', site.url], INPUT)
    const id = stdout.trim()
    const { ended, read } = startPortolan(['watch', id, ...fast, '--url', site.url])
    await until('its first line', () => read().includes(id))
    // A GET is tried three times before it counts.
    site.script.add('get', { do: 'answer', status: 503, headers: { 'Retry-After': '0' } }, { times: 3 })
    const before = site.requests.length
    await until('the trouble is over', () => site.requests.length > before + 3)
    site.setState(id, 'COMPLETE')
    const { code, stderr } = await ended
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^GET .* answered 503.*; looking again\n$/)])
  })

  it('words of a server cannot reach the terminal as orders', async () => {
    await using site = await createFakeSite()
    site.script.add('get', {
      do: 'answer',
      status: 400,
      body: { msg: 'no \u001b]0;gone\u0007\u009b2Jthanks', problems: [{ path: '\u001b[2Jx', message: 'y\u202e', fix: '\u0007z' }] },
    })
    const { stderr } = await runHere(['get', 'x', '--url', site.url])
    expect(stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
    expect(stderr).toContain('thanks')
  })
})

describe('a reader that goes away', () => {
  it('ends a long list quietly', async () => {
    await using site = await createFakeSite()
    site.addOldTasks(50_000)
    const { child, read, ended } = startPortolan(['list', '--all', '--url', site.url])
    await until('its first lines', () => read().includes('task-'))
    child.stdout?.destroy()
    const { code, stderr } = await ended
    expect([code, stderr]).toEqual([141, ''])
    expect(site.requests.length).toBeLessThan(150)
  })

  it('ends a watch quietly, and cancels nothing', async () => {
    await using site = await createFakeSite({ progress: 'manual' })
    const { stdout } = await runHere(['submit', '-', '--url', site.url], INPUT)
    const id = stdout.trim()
    const { child, read, ended } = startPortolan(['watch', id, ...fast, '--url', site.url])
    await until('its first line', () => read().includes(id))
    child.stdout?.destroy()
    site.advance()
    expect((await ended).code).toBe(141)
    expect(site.tasks.get(id)?.cancelled).toBe(false)
  })
})
