/**
 * Keys that change while many people work: ours, by the command that operators use, and those of the login. The clock of the broker is moved in steps,
 * in each of which everybody asks, and a rotation is under way while they ask on. Limits are those of every broker.
 */
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { portolan } from '../../apps/cli/test/portolan.ts'
import { type BrokerWithLogin, startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { logInDevice, refresh, tokensOf } from '../harness/oauth.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const STEP = 20 * SECOND
/** The pause between two questions for keys: so long at most a token by a key that is newer than the last answer is put off. */
const PUT_OFF = 30 * SECOND

type Headers = Readonly<Record<string, string>>

/** Somebody who asks all the time, by tokens that are good. */
interface Caller {
  readonly name: string
  readonly headers: () => Promise<Headers>
}

/** `at`: by the clock of the broker. */
interface Answered {
  readonly name: string
  readonly at: number
  readonly status: number
}

let broker: BrokerWithLogin
let ahead: number
let callers: Caller[]
let answers: Answered[]

beforeEach(async () => {
  ahead = 0
  callers = []
  answers = []
  broker = await startBrokerWithLogin({ options: { now: clock } })
})
afterEach(() => broker[Symbol.asyncDispose]())

function clock(): number {
  return Date.now() + ahead
}

const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` })
const endOf = (token: string): number => (decodeJwt(token).exp ?? 0) * SECOND
const keyOf = (token: string): string => decodeProtectedHeader(token).kid ?? ''

/** A device that refreshes its login before its access token ends. */
async function logIn(person: string, name: string): Promise<{ readonly caller: Caller; readonly access: () => string }> {
  let tokens = await logInDevice(broker.url, person)
  const caller = {
    name,
    async headers() {
      if (clock() > endOf(tokens.access) - MINUTE) tokens = tokensOf(await refresh(broker.url, tokens.refresh))
      return bearer(tokens.access)
    },
  }
  return { caller, access: () => tokens.access }
}

async function makePersonal(access: string): Promise<string> {
  const made = await fetch(`${broker.url}/portolan/v1/tokens`, {
    method: 'POST',
    headers: { ...bearer(access), 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'engine' }),
  })
  return z.object({ secret: z.string() }).parse(await made.json()).secret
}

/** Somebody with tokens of the login itself, who gets a new one before the old one ends, and at once when `drop` is called. */
function holdTokensOfLogin(person: string): { readonly caller: Caller; readonly drop: () => void } {
  let token = ''
  const mint = (): Promise<string> => {
    const iat = Math.floor(clock() / SECOND)
    const scopes = ['openid', 'email', 'eduperson_entitlement']
    return broker.login().mintAccessToken({ person, client: 'portolan', scopes, claims: { iat, exp: iat + 20 * 60 } })
  }
  const caller = {
    name: `${person} by the login`,
    async headers() {
      if (token === '' || clock() > endOf(token) - 2 * MINUTE) token = await mint()
      return bearer(token)
    },
  }
  return {
    caller,
    drop() {
      token = ''
    },
  }
}

async function ask(headers: Headers): Promise<number> {
  const answer = await fetch(`${broker.url}/ga4gh/tes/v1/tasks`, { headers, signal: AbortSignal.timeout(20_000) })
  await answer.body?.cancel()
  return answer.status
}

async function everybodyAsks(): Promise<void> {
  await Promise.all(
    callers.map(async ({ name, headers }) => {
      const status = await ask(await headers())
      answers.push({ name, at: clock(), status })
    }),
  )
}

/** Everybody asks on until the work is done. */
async function meanwhile<Done>(work: Promise<Done>): Promise<Done> {
  let isOver = false
  const done = work.finally(() => {
    isOver = true
  })
  const asking = async (): Promise<void> => {
    do await everybodyAsks()
    while (!isOver)
  }
  const [result] = await Promise.all([done, asking()])
  return result
}

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += STEP) {
    ahead += STEP
    await everybodyAsks()
  }
}

const Rotated = z.object({ key: z.string() })

async function rotateOurs(): Promise<string> {
  const { code, stdout, stderr } = await portolan(['keys', 'rotate', 'tokens', '--config', broker.file, '--json'], {
    env: broker.env,
    cwd: broker.folder,
  })
  expect([code, stderr]).toEqual([0, ''])
  return Rotated.parse(JSON.parse(stdout)).key
}

async function publishedKeys(): Promise<readonly string[]> {
  const answer = await fetch(`${broker.url}/portolan/v1/oauth/keys`)
  return z
    .object({ keys: z.array(z.object({ kid: z.string() })) })
    .parse(await answer.json())
    .keys.map(({ kid }) => kid)
}

/** How often the login was asked for its keys. */
async function keyQuestions(): Promise<number> {
  return (await broker.login().countRequests())['/oidc/jwk'] ?? 0
}

/** Tokens that seem to be of the login, each by a key of another name. */
async function makeUp(count: number): Promise<readonly string[]> {
  const { privateKey } = await generateKeyPair('ES256')
  const iat = Math.floor(clock() / SECOND)
  const claims = { iss: broker.login().issuer, sub: 'nobody', azp: 'portolan', scope: 'openid', iat, exp: iat + 3_600 }
  const sign = (kid: string) => new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid }).sign(privateKey)
  return await Promise.all(Array.from({ length: count }, (_, index) => sign(`made-up-${index}`)))
}

describe('T19 keys that are rotated while many people work', () => {
  it('are published within a minute, though nobody has asked for anything meanwhile', async () => {
    const [oldKey] = await publishedKeys()
    const newKey = await rotateOurs()
    ahead += MINUTE
    expect(await publishedKeys()).toEqual([oldKey, newKey])
  })

  it('turn away nobody with a good token, and the login is asked for its keys seldom', async () => {
    const devices = await Promise.all(
      ['alice', 'bob', 'anton'].flatMap(person => [1, 2].map(nth => logIn(person, `${person}, device ${nth}`))),
    )
    const [first, second] = devices
    const personal = await makePersonal(first?.access() ?? '')
    const byLogin = ['alice', 'bob', 'carol', 'anton'].map(holdTokensOfLogin)
    const engines: readonly (readonly [string, Headers])[] = [
      ['an engine with a bearer token', bearer(personal)],
      ['an engine with a password', { authorization: `Basic ${Buffer.from(`engine:${personal}`).toString('base64')}` }],
      ['an engine with a key', { 'x-api-key': await makePersonal(second?.access() ?? '') }],
    ]
    const constant = engines.map(([name, headers]): Caller => ({ name, headers: async () => headers }))
    callers = [...devices, ...byLogin].map(({ caller }) => caller).concat(constant)
    const signers = () => new Set(devices.map(({ access }) => keyOf(access())))
    await everybodyAsks()
    const [oldKey = ''] = await publishedKeys()
    const began = clock()
    const before = await keyQuestions()

    // Ours: announced for a quarter of an hour, then it signs, and an hour and a minute later the old one is gone.
    const newKey = await meanwhile(rotateOurs())
    await pass(14 * MINUTE)
    expect(await publishedKeys()).toEqual([oldKey, newKey])
    expect(signers()).toEqual(new Set([oldKey]))

    // The login's, in the middle of it; then many tokens by keys that do not exist.
    await meanwhile(broker.login().rotateKeys({ overlap: true }))
    for (const { drop } of byLogin) drop()
    await meanwhile(everybodyAsks())
    for (const moment of ['at once', 'later']) {
      if (moment === 'later') await pass(MINUTE)
      const asked = await keyQuestions()
      const madeUp = await makeUp(200)
      const statuses = await meanwhile(Promise.all(madeUp.map(token => ask(bearer(token)))))
      expect(statuses.filter(status => ![401, 429, 503].includes(status))).toEqual([])
      expect((await keyQuestions()) - asked).toBeLessThanOrEqual(1)
    }
    await pass(20 * MINUTE)
    expect(signers()).toEqual(new Set([newKey]))
    await pass(42 * MINUTE)
    expect(await publishedKeys()).toEqual([newKey])

    // Twice within half a minute: the second new key is not known yet, so its tokens are put off, and not refused.
    for (let nth = 0; nth < 2; nth++) {
      await meanwhile(broker.login().rotateKeys({ overlap: true }))
      for (const { drop } of byLogin) drop()
      await everybodyAsks()
    }
    await pass(2 * MINUTE)

    expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([])
    const putOff = answers.filter(({ status }) => status === 503)
    expect(putOff.filter(({ name }) => !byLogin.some(({ caller }) => caller.name === name))).toEqual([])
    const longest = putOff.map(
      ({ name, at }) => (answers.find(one => one.name === name && one.at > at && one.status === 200)?.at ?? Infinity) - at,
    )
    expect(Math.max(...longest)).toBeLessThan(PUT_OFF + 2 * STEP)
    // Once in ten minutes as always, once for each rotation and each storm, and once where the broker itself is given an ID token.
    const minutes = (clock() - began) / MINUTE
    const asked = (await keyQuestions()) - before
    expect(asked).toBeLessThanOrEqual(minutes / 10 + 8)
  })
})
