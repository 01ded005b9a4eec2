/**
 * Everything that can be wrong at a login, and what the person then reads on the page. Nobody is ever let in.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type BrokerWithLogin, prepareBrokerWithLogin, startBrokerWithLogin, startPrepared } from '../harness/broker-with-login.ts'
import { leaveForLogin, logInAtBroker, wordsOf } from '../harness/visitor.ts'
import { makeSecret } from '../leaks/secrets.ts'
import { openBrowser } from '../login/browser.ts'
import { MFA } from '../login/discovery.ts'
import type { Fault } from '../login/faults.ts'

/** New logins end with a clear text after this long, whatever the login does. */
const DEADLINE_MS = 10_000

let broker: BrokerWithLogin
let strict: BrokerWithLogin

beforeAll(async () => {
  broker = await startBrokerWithLogin()
  strict = await startBrokerWithLogin({ issuer: { acrValues: [MFA] } })
})
afterEach(() => Promise.all([broker, strict].map(one => one.login().setFaults())))
afterAll(() => Promise.all([broker, strict].map(one => one[Symbol.asyncDispose]())))

const isLoggedIn = (cookies: string | undefined): boolean => cookies?.includes('__Host-portolan_session') ?? false

/** What the person reads when the login is sound until they come back. */
async function comeBack(at: BrokerWithLogin, ...faults: Fault[]): Promise<string> {
  const browser = openBrowser()
  const back = await leaveForLogin(at.url, 'alice', { browser })
  await at.login().setFaults(...faults)
  const page = await browser.open(back)
  if (page.kind === 'stop') throw new Error(page.url)
  expect(isLoggedIn(browser.cookies.read(at.url))).toBe(false)
  return `${page.status} ${wordsOf(page)}`
}

/** What the log has under the request id that a page shows. */
function lineOf({ logged }: BrokerWithLogin, words: string): Readonly<Record<string, unknown>> | undefined {
  const [, id] = /Request (\S+)$/.exec(words) ?? []
  return logged.find(({ requestId }) => requestId === id)
}

const NOT = 'Nothing of the answer was believed. Tell the operators of this broker.'

describe('T01 a login whose ID token is not to be believed', () => {
  it.each<[Fault['kind'], string]>([
    ['wrong-issuer', 'The ID token of LS names another login as the one that it comes from.'],
    ['wrong-audience', 'The ID token of LS was made for another service.'],
    ['wrong-party', 'The ID token of LS was made for another service.'],
    ['wrong-nonce', 'The ID token of LS belongs to another login than the one that this browser has begun.'],
    ['no-nonce', 'The ID token of LS does not say to which login it belongs: it has no nonce.'],
    ['expired', 'The ID token of LS is of another time: it has expired, or the clock of one of us is wrong.'],
    ['unsigned', 'The ID token of LS is not signed as it must be.'],
    ['bad-signature', 'The ID token of LS is not signed as it must be.'],
    ['unknown-key', 'The ID token of LS is signed by a key that the login does not have.'],
  ])('%s: %s', async (kind, says) => {
    const words = await comeBack(broker, { kind } as Fault)
    expect(words).toContain('502 Portolan You are not logged in')
    expect(words).toContain(`${says} ${NOT}`)
    expect(broker.logged.some(({ msg }) => msg === says)).toBe(true)
  })

  it.each([
    [
      'names another login as its own',
      'https://login.example.org/',
      'The answer names another login than LS as the one that it comes from.',
    ],
    ['names two', undefined, 'The answer names another login than LS as the one that it comes from.'],
  ])('an answer that %s beside the code (RFC 9207)', async (_, iss, says) => {
    const browser = openBrowser()
    const back = new URL(await leaveForLogin(broker.url, 'alice', { browser }))
    if (iss === undefined) back.searchParams.append('iss', `${broker.login().issuer}x`)
    else back.searchParams.set('iss', iss)
    const page = await browser.open(back.href)
    expect(page.kind === 'page' && [page.status, wordsOf(page)]).toEqual([502, expect.stringContaining(`${says} ${NOT}`)])
    expect(isLoggedIn(browser.cookies.read(broker.url))).toBe(false)
  })

  it('no-mfa: a login by one factor, where two are asked for', async () => {
    await strict.login().setFaults({ kind: 'no-mfa' })
    const { browser, page } = await logInAtBroker(strict.url, 'alice')
    expect(page.status).toBe(403)
    expect(wordsOf(page)).toContain(MFA)
    expect(isLoggedIn(browser.cookies.read(strict.url))).toBe(false)
  })
})

describe('a login that does not answer as it must, when the person comes back', () => {
  const PAGE =
    "The login LS answered with a web page instead of data. If this service is still in the login's test phase, only members of its test group get through"
  it.each<[string, Fault, number, string]>([
    ['a page in place of tokens', { kind: 'html', path: '/token' }, 503, PAGE],
    ['a page in place of keys', { kind: 'html', path: '/jwk' }, 503, PAGE],
    ['a page in place of the data of the person', { kind: 'html', path: '/userinfo' }, 503, 'answered with a web page instead of data.'],
    ['no tokens', { kind: 'status', path: '/token', status: 500 }, 503, 'The login LS answered 500. Try again later.'],
    ['no keys', { kind: 'status', path: '/jwk', status: 500 }, 503, 'The login LS answered 500. Try again later.'],
    ['a connection that is cut', { kind: 'hang-up', path: '/token' }, 503, 'The login LS cannot be reached. Try again later.'],
    [
      'a token that is revoked at once',
      { kind: 'status', path: '/userinfo', status: 401 },
      403,
      'no longer accepts this token. Log in again.',
    ],
  ])('%s', async (_, fault, status, says) => {
    const words = await comeBack(broker, fault)
    expect(words.slice(0, 3)).toBe(String(status))
    expect(words).toContain(says)
    expect(lineOf(broker, words)).toMatchObject({ level: status > 500 ? 50 : 30, status, msg: expect.stringContaining(says) })
  })

  it('hands out tokens that do not hold the claims which the broker looks for in them: operators are to act', async () => {
    await using opaque = await startBrokerWithLogin({ accessTokens: 'opaque', issuer: { claimsFrom: 'token' } })
    const words = await comeBack(opaque)
    const says = 'The login LS hands out tokens that do not hold what it says of you.'
    expect(words).toContain(`${says} Tell the operators of this broker: claimsFrom says where else a login has it.`)
    expect(lineOf(opaque, words)).toMatchObject({ level: 50, status: 502, reason: 'malformed', msg: says })
  })

  it('is not even asked for what this browser has not begun, and that leaves a line too', async () => {
    const page = await openBrowser().open(`${broker.url}/app/callback/ls?state=${'A'.repeat(43)}&code=x`)
    expect(lineOf(broker, page.kind === 'page' ? wordsOf(page) : '')).toMatchObject({ level: 30, status: 400 })
  })
})

describe('a login that the operators have declared otherwise than it is', () => {
  it('by a slash less in its name: nobody is sent there', async () => {
    await using world = await prepareBrokerWithLogin()
    const { issuer } = world.login()
    await writeFile(world.file, (await readFile(world.file, 'utf8')).replaceAll(issuer, issuer.slice(0, -1)))
    await using _started = await startPrepared(world)
    const page = await openBrowser().open(`${world.url}/app/login?issuer=ls`)
    expect(page.kind === 'page' && wordsOf(page)).toContain(
      'names itself otherwise than here: the two must be equal to the letter, a slash at the end included.',
    )
  })

  it('by another client secret: nobody who comes back is let in', async () => {
    await using world = await prepareBrokerWithLogin()
    await using _started = await startPrepared({ ...world, env: { LOGIN_SECRET: makeSecret('not the one') } })
    const browser = openBrowser()
    const page = await browser.open(await leaveForLogin(world.url, 'alice', { browser }))
    expect(page.kind === 'page' && wordsOf(page)).toContain('The login LS does not know this service: its client secret may have changed.')
    expect(isLoggedIn(browser.cookies.read(world.url))).toBe(false)
  })
})

describe('a login that does not answer as it must, before the person is sent there', () => {
  it.each<[string, Fault, string]>([
    ['no discovery document', { kind: 'status', status: 503 }, 'answered 503. Try again later.'],
    ['a page in its place', { kind: 'html' }, 'answered with a web page instead of data.'],
    ['a connection that is cut', { kind: 'hang-up' }, 'cannot be reached. Try again later.'],
  ])('%s', async (_, fault, says) => {
    // A broker of its own: what is known of a login is kept for a while.
    await using fresh = await startBrokerWithLogin({ faults: [fault] })
    const page = await openBrowser().open(`${fresh.url}/app/login?issuer=ls`)
    expect(page).toMatchObject({ kind: 'page', status: 503 })
    const words = page.kind === 'page' ? wordsOf(page) : ''
    expect(words).toContain('You cannot log in just now')
    expect(words).toContain(`The login ${fresh.login().issuer} ${says}`)
  })

  it('in its test phase: people who are not of the test group never come back, and the broker waits for nothing', async () => {
    await broker.login().setFaults({ kind: 'test-phase' })
    await expect(logInAtBroker(broker.url, 'alice')).rejects.toThrow('403 Unauthorized environment This service is in its test phase')
  })
})

describe(`a login that never answers: the person reads so within ${DEADLINE_MS / 1000} s`, () => {
  it.each(['/token', '/userinfo'])('at %s', async path => {
    const browser = openBrowser()
    const back = await leaveForLogin(broker.url, 'alice', { browser })
    await broker.login().setFaults({ kind: 'slow', path, ms: 600_000 })
    const answer = await fetch(back, {
      headers: { cookie: browser.cookies.read(back) ?? '' },
      redirect: 'manual',
      signal: AbortSignal.timeout(DEADLINE_MS),
    })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)])
    expect(await answer.text()).toMatch(/did not answer in time/)
  })

  it('at the discovery document', async () => {
    await using fresh = await startBrokerWithLogin({ faults: [{ kind: 'slow', ms: 600_000 }] })
    const answer = await fetch(`${fresh.url}/app/login`, { redirect: 'manual', signal: AbortSignal.timeout(DEADLINE_MS) })
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('You cannot log in just now')
  })
})
