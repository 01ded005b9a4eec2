import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TesTask } from '@portolan/tes'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFederation, type TestFederation } from '../../../test/harness/federation.ts'
import { fakeSite, realSite } from '../../../test/harness/sites.ts'
import { until } from '../../../test/harness/until.ts'
import { jsonLines, portolan, runHere, startPortolan } from './portolan.ts'
import { type Folder, makeFolder } from './temporary.ts'

const shell = (script: string, more: Partial<TesTask> = {}): TesTask => ({
  executors: [{ image: 'alpine', command: ['sh', '-c', script] }],
  ...more,
})

let federation: TestFederation
let folder: Folder
const url = () => ['--url', federation.url()]
const fast = ['--interval', '0.1']
const file = async (name: string, content: object | string): Promise<string> => {
  const path = join(folder.path, name)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

beforeAll(async () => {
  folder = await makeFolder()
  federation = await startFederation({
    sites: [
      realSite('berlin'),
      fakeSite('paris', { place: { country: 'FR' }, capacity: { cpuCores: 2 } }),
      fakeSite('quiet', { draining: true }),
    ],
    locations: [
      {
        id: 'archive',
        country: 'DE',
        kind: 'http',
        endpoint: 'https://archive.example/',
        readableFrom: ['berlin'],
        prefixes: [
          { url: 'https://archive.example/open/', sensitivity: 'public' },
          { url: 'https://archive.example/people/', sensitivity: 'controlled', access: 'compute', residency: ['DE'] },
        ],
      },
    ],
    projects: [{ id: 'local', name: 'Local', sites: ['berlin', 'paris', 'quiet'], quota: { queued: 900 } }],
  })
})
afterAll(async () => {
  await federation[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

describe('submit', () => {
  it('prints the id and nothing else', async () => {
    const task = await file('one.json', shell('true', { name: 'one' }))
    const { code, stdout, stderr } = await portolan(['submit', task, '--site', 'berlin', ...url()])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^\S+\n$/)
    expect(await federation.full(stdout.trim())).toMatchObject({ name: 'one' })
  })

  it('takes several files, several tasks in one, YAML, and standard input, and what the command line adds', async () => {
    const many = await file(
      'many.yaml',
      'name: a\nexecutors: [{image: alpine, command: ["true"]}]\n---\n- executors: [{image: b, command: [c]}]\n',
    )
    const more = ['--tag', 'run=7', '--tag', 'empty', '--name', 'all', '--site', 'quiet', '--max-runtime', '45m', '--rerunnable']
    const ended = await portolan(['submit', many, '-', ...more, '--json', ...url()], { input: JSON.stringify([shell('x'), shell('y')]) })
    expect([ended.code, ended.stderr]).toEqual([0, ''])
    const lines = jsonLines(ended.stdout)
    expect(lines.map(({ source }) => source)).toEqual([`${many}#1`, `${many}#2`, 'standard input#1', 'standard input#2'])
    const tags = { run: '7', empty: '', portolan_site: 'quiet', portolan_max_runtime: '45m', portolan_rerunnable: 'true' }
    for (const { id } of lines) {
      expect(await federation.full(String(id))).toMatchObject({ name: 'all', tags })
      await federation.client().cancelTask(String(id))
    }
  })

  it('sends none of several tasks when one of them is not good, and names each field and the fix', async () => {
    const before = (await federation.client().listTasks().toArray()).length
    const good = await file('good.json', shell('true'))
    const bad = await file(
      'bad.yaml',
      'executors:\n  - image: alpine\n    command: []\n    workdir: data\ntags: {portolan_locality: sometimes, n: 7}\n',
    )
    const worse = await file('worse.json', shell('true', { tags: { portolan_locality: 'sometimes' } }))
    const { code, stdout, stderr } = await portolan(['submit', good, bad, worse, ...url()])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr.split('\n')).toEqual([
      'portolan: 2 of 3 tasks are not good; nothing was sent',
      `  ${bad}: tags.n: The field has the wrong type. Write it as string.`,
      `  ${worse}: tags.portolan_locality: portolan_locality cannot be "sometimes". Write require, prefer or ignore.`,
      'Mend what is named, then try again.',
      '',
    ])
    expect(await federation.client().listTasks().toArray()).toHaveLength(before)
  })

  it('says which keys TES does not have', async () => {
    const task = await file('unknown.json', { ...shell('true'), comand: 'x' })
    const { code, stderr } = await portolan(['submit', task, ...url()])
    expect([code, stderr]).toEqual([0, `${task}: left out, since TES has no such keys: comand\n`])
  })

  it('makes one task of two equal requests with one key', async () => {
    const task = await file('keyed.json', shell('true', { name: 'keyed' }))
    const [first, second] = [
      await portolan(['submit', task, '--idempotency-key', 'k1', ...url()]),
      await portolan(['submit', task, '--idempotency-key', 'k1', ...url()]),
    ]
    expect(first.stdout).toBe(second.stdout)
  })
})

describe('watch', () => {
  it('tells of each change on a line of its own, with the site, and ends well with a task that does', async () => {
    const task = await file('watched.json', shell('true', { name: 'watched' }))
    const { code, stdout, stderr } = await portolan(['submit', task, '--watch', '--site', 'berlin', ...fast, ...url()])
    expect([code, stderr]).toEqual([0, ''])
    const [id, ...lines] = stdout.trimEnd().split('\n')
    for (const line of lines)
      expect(line).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ ${id} [A-Z]+( at berlin)? watched$`))
    expect(lines.at(-1)).toContain(`${id} COMPLETE at berlin watched`)
  })

  it('ends with 12 if the tool failed, with 13 if no site may run the task', async () => {
    const broken = await file('broken.json', shell('exit 3'))
    const huge = await file('huge.json', shell('true', { resources: { cpu_cores: 999 } }))
    const failed = await portolan(['submit', broken, '--watch', '--json', '--site', 'berlin', ...fast, ...url()])
    expect(failed.code).toBe(12)
    expect(jsonLines(failed.stdout).at(-1)).toMatchObject({ state: 'EXECUTOR_ERROR', site: 'berlin' })
    const refused = await portolan(['submit', huge, '--watch', '--site', 'paris', ...fast, ...url()])
    expect([refused.code, refused.stderr]).toEqual([13, expect.stringMatching(/^\S+ ended as SYSTEM_ERROR; see portolan logs \S+\n$/)])
  })

  it('ends with 10 if the task was canceled, as cancel asks', async () => {
    const id = await federation.submit(shell('sleep 60', { tags: { portolan_site: 'berlin' } }))
    await until('it runs', async () => (await federation.client().getTask(id)).state === 'RUNNING')
    const watching = portolan(['watch', id, ...fast, ...url()])
    const asked = await portolan(['cancel', id, ...url()])
    expect([asked.code, asked.stdout]).toEqual([0, `${id} is asked to end\n`])
    expect((await watching).code).toBe(10)
  })

  it('ends cleanly at Ctrl-C and cancels nothing', async () => {
    const id = await federation.submit(shell('sleep 60', { tags: { portolan_site: 'berlin' } }))
    const { child, read, ended } = startPortolan(['watch', ...fast, ...url()])
    await until('it is seen to run', () => read().includes(`${id} RUNNING`))
    child.kill('SIGINT')
    const { code, stderr } = await ended
    expect([code, stderr]).toEqual([130, expect.stringMatching(/^No longer watching; \d+ of the tasks go on\n$/)])
    expect((await federation.client().getTask(id)).state).toBe('RUNNING')
    await federation.client().cancelTask(id)
  })

  it('of an unknown task fails at once', async () => {
    const { code, stderr } = await portolan(['watch', 'no-such-task', ...url()])
    expect([code, stderr.split('\n')[1]]).toEqual([5, 'Check the id and the address, and who you are there.'])
  })
})

describe('get, list and logs', () => {
  it('show a task, its output and what the system says', async () => {
    const { id } = await federation.run(
      shell('echo to-out; echo to-err >&2', { name: 'talks', tags: { portolan_site: 'berlin', who: 'me' } }),
    )
    const got = await portolan(['get', id, ...url()])
    expect([got.code, got.stderr]).toEqual([0, ''])
    expect(got.stdout).toContain(`id: ${id}\nstate: COMPLETE\n`)
    const whole = JSON.parse((await runHere(['get', id, '--view', 'FULL', '--json', ...url()])).stdout)
    expect(whole).toEqual(await federation.full(id))

    const logs = await portolan(['logs', id, ...url()])
    expect(logs.stdout).toContain('== executor 1 (exit code 0), stdout\nto-out\n== executor 1 (exit code 0), stderr\nto-err\n')
    expect((await runHere(['logs', id, '--stdout', ...url()])).stdout).toBe('to-out\n')
    expect((await runHere(['logs', id, '--stderr', ...url()])).stdout).toBe('to-err\n')
    expect(JSON.parse((await runHere(['logs', id, '--json', ...url()])).stdout)).toMatchObject({
      id,
      state: 'COMPLETE',
      logs: [{ logs: [{ stdout: 'to-out\n' }] }],
    })

    const listed = await portolan(['list', '--state', 'COMPLETE', '--name-prefix', 'tal', '--tag', 'who=me', ...url()])
    expect(listed.stdout.split('\n').map(line => line.split(/ +/))).toEqual([
      ['id', 'state', 'created', 'site', 'name'],
      [id, 'COMPLETE', expect.stringMatching(/Z$/), 'berlin', 'talks'],
      [''],
    ])
    expect((await runHere(['list', '--state', 'PAUSED', '--json', ...url()])).stdout).toBe('')
    const some = await runHere(['list', '--limit', '2', '--json', ...url()])
    expect([jsonLines(some.stdout).length, jsonLines(some.stderr)]).toEqual([2, [{ note: 'There may be more; see --limit and --all' }]])
  })

  it('never hand on what a terminal obeys, and lose nothing of it as JSON', async () => {
    const evil = '\u001b]0;gone\u0007\u001b[31m\u202e\u009b2Jx'
    const { id } = await federation.run(
      shell(`printf '\\033]0;owned\\007\\033[31mred\\033[0m\\r\\n'`, { name: evil, tags: { portolan_site: 'berlin', [evil]: evil } }),
    )
    const runs = await Promise.all(
      [['get', id], ['list'], ['logs', id], ['explain', id], ['watch', id, ...fast]].map(args => runHere([...args, ...url()])),
    )
    for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]|gone/u)
    expect(runs[2]?.stdout).toContain('stdout\nred\n')
    const whole = await runHere(['get', id, '--view', 'FULL', '--json', ...url()])
    expect(whole.stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
    expect(JSON.parse(whole.stdout)).toMatchObject({
      name: evil,
      tags: { [evil]: evil },
      logs: [{ logs: [{ stdout: '\u001b]0;owned\u0007\u001b[31mred\u001b[0m\r\n' }] }],
    })
  })
})

describe('explain and sites', () => {
  it('say of a task that is not submitted where it would run, and whether any site would take it', async () => {
    const plain = await file('plain.json', shell('true'))
    const before = (await federation.client().listTasks().toArray()).length
    const taken = await runHere(['explain', plain, '--site', 'berlin', ...url()])
    expect([taken.code, taken.stdout.split('\n')[0]]).toEqual([0, expect.stringMatching(/ goes to berlin$/)])
    expect(taken.stdout).toMatch(/\nparis\n {2}NOT_REQUESTED: /)
    const waits = await runHere(['explain', '-', '--site', 'quiet', '--json', ...url()], { input: JSON.stringify(shell('true')) })
    expect([waits.code, JSON.parse(waits.stdout)]).toMatchObject([20, { decision: { outcome: 'hold', chosen: null } }])
    const never = await runHere([
      'explain',
      await file('never.json', shell('true', { resources: { cpu_cores: 3 } })),
      '--site',
      'paris',
      ...url(),
    ])
    expect(never.code).toBe(21)
    expect(never.stdout).toMatch(/\nparis\n {2}TOO_LARGE_EVER: /)
    expect(await federation.client().listTasks().toArray()).toHaveLength(before)
  })

  it('say of a task why it ran where it ran, and each try', async () => {
    const { id } = await federation.run(shell('true', { tags: { portolan_site: 'berlin' } }))
    const text = await portolan(['explain', id, ...url()])
    expect([text.code, text.stderr]).toEqual([0, ''])
    expect(text.stdout).toContain(`${id} goes to berlin\n`)
    expect(text.stdout).toMatch(/\nattempt +site +state .*\n1 +berlin +TERMINAL +\S+Z +\S+Z +COMPLETE$/m)
    const json = JSON.parse((await runHere(['explain', id, '--json', ...url()])).stdout)
    expect(json).toMatchObject({ decision: { work: id, chosen: 'berlin' }, attempts: [{ number: 1, site: 'berlin', state: 'TERMINAL' }] })
  })

  it('show the projects of the caller, what they may use and what they use', async () => {
    const text = await portolan(['projects', ...url()])
    expect([text.code, text.stderr]).toEqual([0, ''])
    expect(text.stdout).toMatch(/^project +name +tasks are seen by +until +at sites +CPU hours +may use\n/)
    expect(text.stdout).toMatch(/^local +Local +their owner +- +\d+ of 900 +- +berlin, paris, quiet$/m)
    const json = JSON.parse((await runHere(['projects', '--json', ...url()])).stdout)
    expect(json.projects).toMatchObject([{ id: 'local', quota: { queued: 900 }, use: { queued: expect.any(Number) } }])
  })

  it('show the sites and how they are', async () => {
    const text = await portolan(['sites', ...url()])
    expect([text.code, text.stderr]).toEqual([0, ''])
    const rows = text.stdout
      .trimEnd()
      .split('\n')
      .map(line => line.split(/ {2,}/).slice(0, 5))
    expect(rows).toEqual([
      ['site', 'name', 'country', 'health', 'login'],
      ['berlin', 'berlin', 'DE', 'up', 'yes'],
      ['paris', 'paris', 'FR', 'up', 'yes'],
      ['quiet', 'quiet', 'DE', 'up, draining', 'yes'],
    ])
    const json = JSON.parse((await runHere(['sites', '--json', ...url()])).stdout)
    expect(json).toEqual(JSON.parse((await federation.portolan('sites')).text))
  })

  it('show where data lies, a row for each prefix', async () => {
    const json = JSON.parse((await runHere(['locations', '--json', ...url()])).stdout)
    expect(json).toEqual(JSON.parse((await federation.portolan('locations')).text))
    const [{ health = '-', delivery = '-' }] = json.locations
    const text = await portolan(['locations', ...url()])
    expect([text.code, text.stderr]).toEqual([0, ''])
    const rows = text.stdout
      .trimEnd()
      .split('\n')
      .map(line => line.trim().split(/ {2,}/))
    expect(rows).toEqual([
      ['location', 'kind', 'country', 'health', 'read by', 'people get', 'below', 'data', 'rules'],
      [
        'archive',
        'http',
        'DE',
        health,
        'berlin',
        delivery === 'direct' ? 'a link' : delivery,
        'https://archive.example/open/',
        'public',
        '-',
      ],
      ['https://archive.example/people/', 'controlled', 'computed with, never handed out; stays in DE'],
    ])
  })

  it('find a broker from the base path of its TES API too', async () => {
    expect((await runHere(['sites', '--url', `${federation.url()}/ga4gh/tes/v1`])).code).toBe(0)
  })
})
