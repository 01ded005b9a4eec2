/**
 * A broker as an OAuth authorization server, seen from the device: begin a login, wait until a person has approved it, refresh, revoke. Nothing is
 * kept here, and no error repeats a token.
 */
import { DeviceAuthorization, TokenGrant } from '@portolan/broker/portolan-schemas'
import { ApiError, createTransport, pause, type TransportOptions } from '@portolan/ga4gh'
import type * as z from 'zod/mini'

/** How to reach the broker. `baseUrl`: its address, without `/portolan/v1`. */
export interface LoginServer extends TransportOptions {
  /** What the device calls itself on the page where the person approves: letters, digits, blanks and `. _ - @ ( )`, 80 at most. */
  readonly clientId: string
  readonly signal: AbortSignal
}

export interface DeviceLogin {
  readonly deviceCode: string
  /** For the person to compare or to type. */
  readonly userCode: string
  readonly verificationUri: string
  /** With the code filled in. */
  readonly verificationUriComplete: string
  /** ms since 1970, by the clock of this machine. */
  readonly expiresAt: number
  readonly intervalMs: number
}

export interface Tokens {
  readonly accessToken: string
  /** Good once; the next grant brings the next one. */
  readonly refreshToken: string
  readonly scopes: readonly string[]
  readonly project?: string | undefined
  /** When the access token ends, ms since 1970, by the clock of this machine. */
  readonly expiresAt: number
}

export type LoginEnd =
  | { readonly outcome: 'granted'; readonly tokens: Tokens }
  /** `says`: why, for people. Only a new login helps. */
  | { readonly outcome: 'refused'; readonly says: string }

/** Begins a login by device flow (RFC 8628). `scopes` absent: read and write. Rejects with an `ApiError`. */
export async function startDeviceLogin(server: LoginServer, scopes?: readonly string[]): Promise<DeviceLogin> {
  const asked = scopes && { scope: scopes.join(' ') }
  const answer = await send(server, 'device', { client_id: server.clientId, ...asked }, DeviceAuthorization)
  return {
    deviceCode: answer.device_code,
    userCode: answer.user_code,
    verificationUri: answer.verification_uri,
    verificationUriComplete: answer.verification_uri_complete,
    expiresAt: Date.now() + answer.expires_in * 1_000,
    intervalMs: answer.interval * 1_000,
  }
}

/** Asks again and again until the person has decided or the time is over, as slowly as the broker wants it. Rejects with an `ApiError`. */
export async function pollDeviceLogin(server: LoginServer, login: DeviceLogin): Promise<LoginEnd> {
  let intervalMs = login.intervalMs
  while (Date.now() < login.expiresAt) {
    await pause(intervalMs, server.signal)
    const asked = await ask(server, { grant_type: DEVICE_GRANT, device_code: login.deviceCode })
    if (asked.outcome === 'granted') return asked
    const { error } = asked
    if (error.reason === 'slow_down') intervalMs += SLOWER_MS
    // RFC 8628, section 3.5: a broker that is away for a moment is asked less often, not given up.
    else if (isPassing(error)) intervalMs = Math.min(2 * intervalMs, LONGEST_INTERVAL_MS)
    else if (error.reason !== 'authorization_pending') return endOf(error, OVER)
  }
  return { outcome: 'refused', says: 'Nobody approved the login in time.' }
}

/**
 * Exchanges a refresh token for new tokens. The old one counts no more, but for an answer that was lost on the way: then it is sent once more, as
 * the broker allows for ten seconds. Nobody else may use the token meanwhile: two who do end the login. Rejects with an `ApiError`.
 */
export async function refresh(server: LoginServer, refreshToken: string, scopes?: readonly string[]): Promise<LoginEnd> {
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...(scopes && { scope: scopes.join(' ') }) }
  const lastAt = Date.now() + ANSWER_LOST_MS
  for (let lost = 0; ; ) {
    const asked = await ask(server, form)
    if (asked.outcome === 'granted') return asked
    const { error } = asked
    if (LOST.has(error.code)) lost += 1
    else if (error.code !== 'unreachable') return endOf(error, DEAD)
    if (lost > 1 || Date.now() + AGAIN_AFTER_MS > lastAt) throw error
    await pause(AGAIN_AFTER_MS, server.signal)
  }
}

/** Ends the login of a refresh token, or a personal token. One that is over already is no error. Rejects with an `ApiError`. */
export async function revoke(server: LoginServer, token: string): Promise<void> {
  await post(server, 'revoke', { token, client_id: server.clientId })
}

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const SLOWER_MS = 5_000
const LONGEST_INTERVAL_MS = 60_000
/** Within the ten seconds that the broker allows. */
const ANSWER_LOST_MS = 8_000
const AGAIN_AFTER_MS = 500
/** The broker may have carried it out. */
const LOST: ReadonlySet<string> = new Set(['timeout', 'connection_lost'])
/** Refusals of a device code that no further try changes. */
const OVER: ReadonlySet<string> = new Set(['access_denied', 'expired_token', 'invalid_grant'])
/** Of a refresh token: any other refusal says that it counts again once something else is mended. */
const DEAD: ReadonlySet<string> = new Set(['invalid_grant'])

type Asked = { readonly outcome: 'granted'; readonly tokens: Tokens } | { readonly outcome: 'failed'; readonly error: ApiError }

async function ask(server: LoginServer, form: Readonly<Record<string, string>>): Promise<Asked> {
  try {
    const grant = await send(server, 'token', { ...form, client_id: server.clientId }, TokenGrant)
    return { outcome: 'granted', tokens: toTokens(grant) }
  } catch (error) {
    if (error instanceof ApiError) return { outcome: 'failed', error }
    throw error
  }
}

async function send<T>(server: LoginServer, path: string, form: Readonly<Record<string, string>>, schema: z.ZodMiniType<T>): Promise<T> {
  const answer = await post(server, path, form)
  const parsed = schema.safeParse(answer.json())
  if (parsed.success) return parsed.data
  throw new ApiError('unreadable', `${path} of the login answered with something that this command cannot read`, { status: answer.status })
}

function post({ clientId: _, signal, baseUrl, ...options }: LoginServer, path: string, form: Readonly<Record<string, string>>) {
  const transport = createTransport({ ...options, baseUrl: `${String(baseUrl).replace(/\/+$/, '')}/portolan/v1/oauth` })
  return transport.request({ method: 'POST', path, form, signal })
}

function toTokens({ access_token, refresh_token, scope, project, expires_in }: TokenGrant): Tokens {
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    scopes: scope.split(' '),
    ...(project !== undefined && { project }),
    expiresAt: Date.now() + expires_in * 1_000,
  }
}

function isPassing({ code }: ApiError): boolean {
  return code === 'unreachable' || code === 'server_error' || code === 'too_many_requests' || LOST.has(code)
}

/** How the login is over. Throws the error if it is about something else. */
function endOf(error: ApiError, over: ReadonlySet<string>): LoginEnd {
  if (!over.has(error.reason ?? '')) throw error
  return { outcome: 'refused', says: error.said ?? error.message }
}
