/**
 * A login that operators take out of the configuration: its people are out from the next start on, with all that they hold, and others notice nothing.
 * Put back, it brings them back.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import * as z from 'zod/mini'
import { type LoginWorld, prepareBrokerWithLogin, type StartedBroker, startPrepared } from '../harness/broker-with-login.ts'
import { poll, projectsBy, refresh, refusalOf, type StartedLogin, startLogin, type Tokens, tokensOf } from '../harness/oauth.ts'
import { leaveForLogin, logInAtBroker, submit, wordsOf } from '../harness/visitor.ts'
import { type Browser, openBrowser } from '../login/browser.ts'
import { GROUPS } from '../login/people.ts'

const Configured = z.looseObject({ auth: z.looseObject({ issuers: z.array(z.looseObject({ id: z.string() })) }) })
const TASK = JSON.stringify({ executors: [{ image: 'alpine:3', command: ['true'] }] })

let world: LoginWorld
let broker: StartedBroker
let original: unknown

beforeEach(async () => {
  world = await prepareBrokerWithLogin({
    ids: ['ls', 'lab'],
    projects: [{ id: 'cancer', name: 'Cancer cohorts', members: [GROUPS.cancer], visibility: 'project' }],
    limits: { rates: { person: { logins: { atOnce: 1_000, perMinute: 1_000 } } } },
    auth: { admins: [GROUPS.rareDiseases] },
  })
  original = parse(await readFile(world.file, 'utf8'))
  broker = await startPrepared(world)
})
afterEach(async () => {
  await broker[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

/** Starts the broker anew, with these logins alone. */
async function restartWith(...ids: readonly string[]): Promise<void> {
  await broker[Symbol.asyncDispose]()
  const { auth, ...rest } = Configured.parse(original)
  await writeFile(world.file, stringify({ ...rest, auth: { ...auth, issuers: auth.issuers.filter(({ id }) => ids.includes(id)) } }))
  broker = await startPrepared(world)
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const ask = (path: string, init: RequestInit = {}) => fetch(`${world.url}${path}`, { signal: AbortSignal.timeout(20_000), ...init })

/** Answers what the page says then. */
async function approveBy(login: string, { userCode }: StartedLogin, person = 'alice'): Promise<string> {
  const { browser, page } = await logInAtBroker(world.url, person, { login, returnTo: `/app/device?user_code=${userCode}` })
  return wordsOf(await submit(browser, page, { decision: 'approve' }))
}

async function logIn(login: string, person = 'alice', scope = 'read write'): Promise<Tokens> {
  const started = await startLogin(world.url, { scope })
  await approveBy(login, started, person)
  return tokensOf(await poll(world.url, started))
}

async function makePersonal({ access }: Tokens): Promise<string> {
  const made = await ask('/portolan/v1/tokens', {
    method: 'POST',
    headers: { ...bearer(access), 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'engine' }),
  })
  return z.object({ secret: z.string() }).parse(await made.json()).secret
}

async function createTask(token: string): Promise<string> {
  const made = await ask('/tasks', { method: 'POST', headers: { ...bearer(token), 'content-type': 'application/json' }, body: TASK })
  return z.object({ id: z.string() }).parse(await made.json()).id
}

const mintAt = (login: string): Promise<string> =>
  world.login(login).mintAccessToken({ person: 'alice', client: 'portolan', scopes: ['openid', 'email', 'eduperson_entitlement'] })

async function homeOf(browser: Browser): Promise<string> {
  const home = await browser.open(`${world.url}/app`)
  return home.kind === 'page' ? wordsOf(home) : home.url
}

async function statusAndWords(token: string): Promise<readonly [number, string]> {
  const answer = await ask('/tasks', { headers: bearer(token) })
  return [answer.status, z.object({ msg: z.string() }).parse(await answer.json()).msg]
}

describe('T01 a login that is admitted no more', () => {
  it('opens nothing: not by what it gave out, nor by what the broker gave out to its people, and each answer says why', async () => {
    const device = await logIn('lab')
    const personal = await makePersonal(device)
    const foreign = await mintAt('lab')
    expect(await projectsBy(world.url, foreign)).toEqual(['cancer'])
    const { browser } = await logInAtBroker(world.url, 'alice', { login: 'lab' })
    const approved = await startLogin(world.url)
    expect(await approveBy('lab', approved)).toContain('The device is let in')
    const waiting = await startLogin(world.url)
    const onTheWay = openBrowser()
    const back = await leaveForLogin(world.url, 'alice', { login: 'lab', browser: onTheWay })

    await restartWith('ls')
    const out = `Your login ${world.login('lab').issuer} is not admitted here any more. Log in by another.`
    expect(await statusAndWords(device.access)).toEqual([401, out])
    expect(await statusAndWords(personal)).toEqual([401, out])
    expect(await statusAndWords(foreign)).toEqual([401, expect.stringContaining('The token is from a login that is not admitted here.')])
    expect(refusalOf(await refresh(world.url, device.refresh))).toEqual([400, 'access_denied', out])
    expect(refusalOf(await poll(world.url, approved))).toEqual([
      400,
      'access_denied',
      'Whoever approved the login may not log in here any more.',
    ])
    expect(await homeOf(browser)).toContain(out)
    const decided = await browser.open(`${world.url}/app/device?user_code=${waiting.userCode}`)
    expect(decided.kind === 'page' && wordsOf(decided)).toContain('Log in to let a device in')
    const late = await onTheWay.open(back)
    expect(late.kind === 'page' && [late.status, wordsOf(late)]).toEqual([404, expect.stringContaining('There is no such login here.')])
  })

  it('takes nothing from the people of other logins, though they have the same name there', async () => {
    const [here, there] = [await logIn('ls'), await logIn('lab')]
    const personal = await makePersonal(here)
    const task = await createTask(there.access)
    await restartWith('ls')
    expect(await projectsBy(world.url, here.access)).toEqual(['cancer'])
    expect(await projectsBy(world.url, personal)).toEqual(['cancer'])
    expect(await projectsBy(world.url, tokensOf(await refresh(world.url, here.refresh)).access)).toEqual(['cancer'])
    // What the others have begun goes on, is seen by members of its project as before, and can be ended by administrators alone.
    expect((await ask(`/tasks/${task}`, { headers: bearer(personal) })).status).toBe(200)
    expect((await ask(`/tasks/${task}:cancel`, { method: 'POST', headers: bearer(personal) })).status).toBe(403)
    const admin = await logIn('ls', 'bob', 'read write admin')
    expect((await ask(`/tasks/${task}:cancel`, { method: 'POST', headers: bearer(admin.access) })).status).toBe(200)
  })

  it('lets administrators end what its people hold, and brings back the rest when it is admitted again', async () => {
    const [kept, ended] = [await logIn('lab'), await logIn('lab')]
    const personal = await makePersonal(kept)
    await restartWith('ls')
    const admin = await logIn('ls', 'bob', 'read write admin')
    const person = `${world.login('lab').people.find(({ id }) => id === 'alice')?.sub}@${world.login('lab').issuer}`
    const list = await ask(`/portolan/v1/logins?owner=${encodeURIComponent(person)}`, { headers: bearer(admin.access) })
    const { logins } = z.object({ logins: z.array(z.object({ id: z.string() })) }).parse(await list.json())
    expect(logins).toHaveLength(2)
    // The newest first.
    expect((await ask(`/portolan/v1/logins/${logins[0]?.id}`, { method: 'DELETE', headers: bearer(admin.access) })).status).toBe(204)
    await restartWith('ls', 'lab')
    expect(await projectsBy(world.url, personal)).toEqual(['cancer'])
    expect(await projectsBy(world.url, tokensOf(await refresh(world.url, kept.refresh)).access)).toEqual(['cancer'])
    expect(refusalOf(await refresh(world.url, ended.refresh))[2]).toContain('was ended by its owner or an administrator')
  })
})
