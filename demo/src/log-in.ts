/**
 * How the cast gets in. People log in by the device flow (RFC 8628): a program asks for a code, and the person confirms it in a browser, where
 * they log in. Here a script is the person. The engine gets a personal token.
 */
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { decideAtBroker, wordsOf } from '../../test/harness/visitor.ts'
import { type Caller, type Credential, createCaller } from './caller.ts'
import { type Actor, OUTSIDER, PROJECT_OF } from './people.ts'

const FETCH_MS = 10_000
const OK = 200
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const CLIENT = 'portolan-demo'

const Device = z.object({ device_code: z.string(), user_code: z.string(), interval: z.number() })
const Granted = z.object({ access_token: z.string() })
const Pending = z.object({ error: z.enum(['authorization_pending', 'slow_down']) })
const PersonalToken = z.object({ secret: z.string() })

export type Admitted = Readonly<Record<Actor | typeof OUTSIDER, Credential>>

/** Logs in whoever can log in, and makes the engine's token. */
export async function admitEverybody(brokerUrl: string, step: (text: string) => void, signal: AbortSignal): Promise<Admitted> {
  const [alice, bob, carol] = await Promise.all([
    logIn(brokerUrl, 'alice', signal),
    logIn(brokerUrl, 'bob', signal),
    logIn(brokerUrl, OUTSIDER, signal),
  ])
  step('alice, bob and carol have logged in: a program showed each a code, and each confirmed it in a browser, at the login')
  const secret = await makePersonalToken(createCaller(brokerUrl, alice, signal), { name: 'engine', project: PROJECT_OF.engine })
  step(`alice has made a personal token for her engine, for the project ${PROJECT_OF.engine} alone; it sends it as a password`)
  return { alice, bob, carol, engine: { kind: 'password', user: 'alice', password: secret } }
}

/** Rejects, with what the page or the broker said, if they cannot. */
export async function logIn(brokerUrl: string, person: string, signal: AbortSignal): Promise<Credential> {
  const device = Device.parse(await (await post(`${brokerUrl}/portolan/v1/oauth/device`, { client_id: CLIENT }, signal)).json())
  const page = await decideAtBroker(brokerUrl, person, device.user_code, { decision: 'approve' })
  if (page.status !== OK) throw new Error(`${person} cannot let a program in: ${wordsOf(page)}`)
  for (;;) {
    const form = { grant_type: DEVICE_GRANT, device_code: device.device_code, client_id: CLIENT }
    const answer = await post(`${brokerUrl}/portolan/v1/oauth/token`, form, signal)
    const body: unknown = await answer.json()
    if (answer.ok) return { kind: 'bearer', token: Granted.parse(body).access_token }
    if (!Pending.safeParse(body).success) throw new Error(`${person} cannot log in: ${JSON.stringify(body)}`)
    await pause(device.interval * 1000, undefined, { signal })
  }
}

/** A token for an engine, which reads and writes for a day. */
export async function makePersonalToken({ ask }: Caller, wanted: { readonly name: string; readonly project: string }): Promise<string> {
  const body = JSON.stringify({ ...wanted, scopes: ['read', 'write'], expires_in_days: 1 })
  return PersonalToken.parse(await ask('tokens', { method: 'POST', body })).secret
}

async function post(url: string, form: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)])
  return await fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'error', signal: limit })
}
