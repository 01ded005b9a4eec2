/**
 * The whole way: a real broker in required mode, a login behind it, people who approve in a browser, and the command as a process of its own.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BrokerWithLogin, startBrokerWithLogin } from '../../../test/harness/broker-with-login.ts'
import { until } from '../../../test/harness/until.ts'
import { decideAtBroker } from '../../../test/harness/visitor.ts'
import { GROUPS } from '../../../test/login/people.ts'
import { type Ended, jsonLines, runHere, startPortolan } from './portolan.ts'
import { type Folder, makeFolder } from './temporary.ts'

const PEOPLE = ['alice', 'bob', 'carol', 'dora'] as const

let broker: BrokerWithLogin
let folder: Folder
/** How `portolan login` ended for each, side by side: a device asks every five seconds. */
const endings = new Map<string, Ended>()

beforeAll(async () => {
  folder = await makeFolder()
  broker = await startBrokerWithLogin()
  await Promise.all([
    ...PEOPLE.map(async person => endings.set(person, await logIn(person))),
    logIn('anton', 'refuse').then(ended => endings.set('anton', ended)),
  ])
})
afterAll(async () => {
  await broker[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** Each person has a laptop of their own. */
const envOf = (person: string) => ({ PORTOLAN_URL: broker.url, XDG_CONFIG_HOME: join(folder.path, person) })
const portolanAs = (person: string, ...args: string[]): Promise<Ended> => runHere(args, { env: envOf(person) })
const json = async (person: string, ...args: string[]) => JSON.parse((await portolanAs(person, ...args, '--json')).stdout)

async function logIn(person: string, decision: 'approve' | 'refuse' = 'approve'): Promise<Ended> {
  const command = startPortolan(['login', '--json'], { env: envOf(person) })
  await until('the command shows a code, or ends', () => command.read().includes('\n') || command.child.exitCode !== null)
  if (command.child.exitCode !== null) return await command.ended
  const [begun] = jsonLines(command.read())
  await decideAtBroker(broker.url, person, String(begun?.userCode), { decision })
  return await command.ended
}

const makeToken = async (person: string, ...args: string[]): Promise<{ secret: string; id: string }> => {
  const { secret, token } = await json(person, 'token', 'create', 'engine', ...args)
  return { secret, id: token.id }
}

/** An engine that can send no more than this. */
const asBasic = (secret: string) => ({ authorization: `Basic ${Buffer.from(`engine:${secret}`).toString('base64')}` })
const asKey = (secret: string) => ({ 'x-api-key': secret })
const asBearer = (secret: string) => ({ authorization: `Bearer ${secret}` })

async function ask(headers: Readonly<Record<string, string>>, path: string, body?: object) {
  const answer = await fetch(`${broker.url}/ga4gh/tes/v1/${path}`, {
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  })
  return { status: answer.status, json: await answer.json() }
}
const TASK = { executors: [{ image: 'alpine', command: ['true'] }] }

describe('a person who logs in by the command line', () => {
  it('is shown a code, approves it in the browser, and is known from then on', async () => {
    const { code, stdout = '', stderr } = endings.get('alice') ?? {}
    expect([code, stderr]).toEqual([0, ''])
    const [, last] = jsonLines(stdout)
    expect(last).toMatchObject({
      me: { mode: 'required', name: 'Alice Test', projects: [{ id: 'cancer' }], credential: { kind: 'access' } },
    })
    expect(stdout).not.toMatch(/portolan_rt_|eyJ/)
    const me = await portolanAs('alice', 'me')
    expect([me.code, me.stderr]).toEqual([0, ''])
    expect(me.stdout).toContain('Alice Test')
    expect(me.stdout).toContain('cancer (Cancer cohorts)')
  })

  it('who is in no project is told what opens one, and whom to ask', async () => {
    expect(endings.get('carol')?.code).toBe(0)
    const { stdout } = await portolanAs('carol', 'me')
    expect(stdout).toContain('You are in no project')
    expect(stdout).toContain(`${GROUPS.cancer}  (ask cancer-desk@example.org)`)
    expect(stdout).toContain(`${GROUPS.rareDiseases}  (ask whoever manages the group`)
  })

  it('whose entitlements come from an authority that nobody pins is told that they do not count', async () => {
    expect(endings.get('dora')?.code).toBe(0)
    expect(await json('dora', 'me')).toMatchObject({ projects: [], missing: { ignored: 2 } })
  })

  it('and refuses the code is logged in nowhere', async () => {
    expect(endings.get('anton')).toMatchObject({ code: 4, stderr: expect.stringContaining('portolan login') })
    expect((await portolanAs('anton', 'me')).code).toBe(4)
  })
})

describe('an engine', () => {
  it('creates and reads a task by a personal token, as a password or a key, and nobody else sees it', async () => {
    const { secret } = await makeToken('alice', '--project', 'cancer', '--days', '7')
    const created = await ask(asBasic(secret), 'tasks', TASK)
    expect(created).toMatchObject({ status: 200, json: { id: expect.any(String) } })
    for (const headers of [asBasic(secret), asKey(secret), asBearer(secret)]) {
      expect(await ask(headers, `tasks/${created.json.id}`)).toMatchObject({ status: 200, json: { id: created.json.id } })
    }
    expect((await ask(asKey(secret), 'tasks', TASK)).status).toBe(200)
    const bobs = await makeToken('bob')
    expect((await ask(asKey(bobs.secret), `tasks/${created.json.id}`)).status).toBe(404)
    expect((await portolanAs('bob', 'get', created.json.id)).code).toBe(5)
  })

  it('is refused from the moment its token is revoked', async () => {
    const { secret, id } = await makeToken('alice')
    expect((await ask(asKey(secret), 'tasks')).status).toBe(200)
    expect(await portolanAs('alice', 'token', 'revoke', id)).toMatchObject({ code: 0, stdout: `${id} is revoked\n` })
    expect((await ask(asKey(secret), 'tasks')).status).toBe(401)
    expect((await portolanAs('alice', 'token', 'list')).stdout).toMatch(new RegExp(`${id} .* ended `))
  })

  it('leaves the minute of its last use in the list', async () => {
    const { secret, id } = await makeToken('alice')
    const row = async () => jsonLines((await portolanAs('alice', 'token', 'list', '--json')).stdout).find(token => token.id === id)
    expect(await row()).not.toHaveProperty('last_used_at')
    await ask(asKey(secret), 'tasks')
    await until('the use is written down', async () => (await row())?.last_used_at !== undefined, 20_000)
  })
})

describe('T04 a personal token', () => {
  it('makes no other and ends nothing but itself, and the command says what to do', async () => {
    const { secret, id } = await makeToken('alice', '--project', 'cancer', '--days', '2')
    const by = (...args: string[]) => runHere(args, { env: { ...envOf('alice'), PORTOLAN_TOKEN: secret } })
    expect(await by('token', 'create', 'x')).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('portolan login') })
    expect(await by('logins', 'end', '--all')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('ends no other token and no login'),
    })
    expect(await by('token', 'revoke', 'another')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('ends no other token and no login'),
    })
    expect(await by('token', 'revoke', id)).toMatchObject({ code: 0 })
  })

  it('that may only read makes none', async () => {
    const { secret } = await makeToken('alice', '--scope', 'read')
    const { code, stderr } = await runHere(['token', 'create', 'x'], { env: { ...envOf('alice'), PORTOLAN_TOKEN: secret } })
    expect([code, stderr]).toEqual([4, expect.stringContaining('scope write')])
  })
})

it('T09 what a thief of the database has of tokens opens nothing', async () => {
  await makeToken('alice')
  using db = new DatabaseSync(join(broker.folder, 'data/portolan.db'), { readOnly: true })
  const hashes = db
    .prepare('select hash from personal_tokens union all select hash from refresh_tokens union all select hash from sessions')
    .all()
    .map(({ hash }) => String(hash))
  expect(hashes.length).toBeGreaterThan(3)
  for (const hash of hashes) {
    for (const text of [
      hash,
      `portolan_pat_${hash}`,
      `portolan_pat_${hash.slice(0, 49)}`,
      Buffer.from(hash, 'hex').toString('base64url'),
    ]) {
      // Who tries many is not even asked any more.
      for (const headers of [asBearer(text), asBasic(text), asKey(text)]) expect([401, 429]).toContain((await ask(headers, 'tasks')).status)
    }
  }
})

describe('the devices of a person', () => {
  it('are listed, and one that is ended is logged out at once', async () => {
    const { stdout } = await portolanAs('bob', 'logins')
    expect(stdout).toMatch(/portolan cli \(.+ this one /)
    const [login] = jsonLines((await portolanAs('bob', 'logins', '--json')).stdout)
    expect((await portolanAs('bob', 'logins', 'end', String(login?.id))).code).toBe(0)
    const { code, stderr } = await portolanAs('bob', 'list')
    expect([code, stderr]).toEqual([4, expect.stringMatching(/is over: .*\n.*portolan login/)])
  })

  it('are all logged out together', async () => {
    expect(await json('carol', 'logins', 'end', '--all')).toMatchObject({ devices: 1, sessions: expect.any(Number) })
    expect((await portolanAs('carol', 'me')).code).toBe(4)
  })

  it('end with a logout', async () => {
    expect((await portolanAs('alice', 'logout')).code).toBe(0)
    expect((await portolanAs('alice', 'me')).code).toBe(4)
  })
})
