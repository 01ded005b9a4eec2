/**
 * A device that logs in at a broker, by bare HTTP: what it sends and gets is what stands on the wire.
 */
import * as z from 'zod/mini'
import { decideAtBroker } from './visitor.ts'

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
export const CLIENT = 'portolan-cli on test'
const TIMEOUT_MS = 20_000

export type Form = Readonly<Record<string, string>>

export interface OAuthAnswer {
  readonly status: number
  readonly headers: Headers
  /** The JSON object that came; empty where nothing did. */
  readonly body: Readonly<Record<string, unknown>>
}

export async function postForm(broker: string, endpoint: 'device' | 'token' | 'revoke', form: Form): Promise<OAuthAnswer> {
  const answer = await fetch(`${broker}/portolan/v1/oauth/${endpoint}`, {
    method: 'POST',
    body: new URLSearchParams(form),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    body: z.record(z.string(), z.unknown()).parse(text === '' ? {} : JSON.parse(text)),
  }
}

const Started = z.object({ device_code: z.string(), user_code: z.string() })

export interface StartedLogin {
  readonly deviceCode: string
  readonly userCode: string
}

export async function startLogin(broker: string, more: Form = {}): Promise<StartedLogin> {
  const { body } = await postForm(broker, 'device', { client_id: CLIENT, ...more })
  const { device_code, user_code } = Started.parse(body)
  return { deviceCode: device_code, userCode: user_code }
}

export async function approve(broker: string, person: string, { userCode }: StartedLogin, project?: string): Promise<void> {
  const page = await decideAtBroker(broker, person, userCode, { decision: 'approve', ...(project !== undefined && { project }) })
  if (page.status !== 200) throw new Error(`${person} could not approve: ${page.status} ${page.text}`)
}

export function poll(broker: string, { deviceCode }: StartedLogin, client = CLIENT): Promise<OAuthAnswer> {
  return postForm(broker, 'token', { grant_type: DEVICE_GRANT, device_code: deviceCode, client_id: client })
}

export function refresh(broker: string, token: string, more: Form = {}): Promise<OAuthAnswer> {
  return postForm(broker, 'token', { grant_type: 'refresh_token', refresh_token: token, client_id: CLIENT, ...more })
}

const Grant = z.object({ access_token: z.string(), refresh_token: z.string(), scope: z.string(), project: z.optional(z.string()) })

export interface Tokens {
  readonly access: string
  readonly refresh: string
  readonly scope: string
  readonly project?: string | undefined
}

/** Throws where there are none. */
export function tokensOf({ status, body }: OAuthAnswer): Tokens {
  const parsed = Grant.safeParse(body)
  if (!parsed.success) throw new Error(`no tokens: ${status} ${JSON.stringify(body)}`)
  const { access_token, refresh_token, scope, project } = parsed.data
  return { access: access_token, refresh: refresh_token, scope, project }
}

/** From the start to the first tokens. */
export async function logInDevice(
  broker: string,
  person: string,
  { project, ...more }: Form & { readonly project?: string } = {},
): Promise<Tokens> {
  const started = await startLogin(broker, more)
  await approve(broker, person, started, project)
  return tokensOf(await poll(broker, started))
}

/** What the error of an answer says: its word, and the sentence. */
export function refusalOf({ status, body }: OAuthAnswer): readonly [number, unknown, unknown] {
  return [status, body.error, body.error_description]
}

/** The projects that one is in by the token, or the status where it is not taken. */
export async function projectsBy(broker: string, access: string): Promise<readonly string[] | number> {
  const answer = await fetch(`${broker}/portolan/v1/projects`, {
    headers: { authorization: `Bearer ${access}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  if (answer.status !== 200) return answer.status
  const { projects } = z.object({ projects: z.array(z.object({ id: z.string() })) }).parse(await answer.json())
  return projects.map(({ id }) => id)
}
