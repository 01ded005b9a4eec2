/**
 * A device that logs in without a browser of its own (RFC 8628): it begins, shows its user code, and polls until a person has decided at
 * `/app/device`. An approval is answered once, to one poll; an answer that is lost is lost, and the person approves again.
 *
 * Crash: the approval is used up before the refresh family is stored, so that two polls never get two. Between the two nobody has anything; after both
 * a family may be there whose refresh token nobody was told: it opens nothing, counts among the devices of the person, and ends with its time.
 */
import { randomUUID } from 'node:crypto'
import type { DeviceFlowId, DeviceFlowRow, FamilyId, PersonRef } from '../../stores/login-rows.ts'
import type { Login } from '../login.ts'
import type { Scope } from '../principal.ts'
import { deviceLife } from '../rules/lifetimes.ts'
import { makeToken, readToken } from '../tokens/opaque-token.ts'
import { secureRandom } from '../tokens/random-source.ts'
import { makeUserCode, showUserCode } from '../tokens/user-code.ts'
import { type Granted, grantTokens } from './grant-tokens.ts'
import { type OAuthRefused, refuse } from './refused.ts'

export interface DeviceFlowParts {
  readonly login: Pick<
    Login,
    'store' | 'lifetimes' | 'bounds' | 'boundsObserver' | 'known' | 'ownIssuer' | 'hashUserCode' | 'admit' | 'grantable' | 'mintAccessToken'
  >
  readonly now: () => number
}

export interface AskingDevice {
  readonly client: string
  /** Where it asks from. */
  readonly address: string
  readonly scopes: readonly Scope[]
}

export interface StartedDevice {
  readonly deviceCode: string
  /** As people read it. */
  readonly userCode: string
  /** The page where it is approved; `complete`: with the code filled in. */
  readonly page: string
  readonly complete: string
  readonly lifeMs: number
  readonly intervalMs: number
}

/** So many codes in a row are not taken by others, but by a fault. */
const MOST_TRIES = 5

/** Rejects with `StoreUnavailable`. */
export async function startDevice({ login, now }: DeviceFlowParts, asking: AskingDevice): Promise<StartedDevice> {
  const at = now()
  const { intervalMs, expiresAt } = deviceLife(at)
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const device = makeToken('device', secureRandom)
    const userCode = makeUserCode(secureRandom)
    const id = randomUUID() as DeviceFlowId
    const flow = { ...asking, id, deviceHash: device.hash, userHash: login.hashUserCode(userCode), expiresAt, intervalMs }
    const started = await login.store.execute({ kind: 'startDevice', flow, most: login.bounds.begun.devices, now: at })
    if (started.outcome === 'userCodeTaken') continue
    if (started.dropped > 0) login.boundsObserver.bounded('begun-device', started.dropped)
    const page = `${login.ownIssuer()}/app/device`
    const shown = showUserCode(userCode)
    return { deviceCode: device.text, userCode: shown, page, complete: `${page}?user_code=${shown}`, lifeMs: expiresAt - at, intervalMs }
  }
  throw new Error(`${MOST_TRIES} user codes in a row were taken`)
}

/** A poll. Rejects with `StoreUnavailable`. */
export async function pollDevice(parts: DeviceFlowParts, deviceCode: string, client: string): Promise<Granted | OAuthRefused> {
  const read = readToken(deviceCode)
  if (read.outcome === 'mistyped') return refuse('invalid_grant', 'The device code is mistyped or cut off.')
  if (read.outcome === 'foreign' || read.kind !== 'device') return UNKNOWN
  const polled = await parts.login.store.execute({ kind: 'pollDevice', deviceHash: read.hash, client, now: parts.now() })
  switch (polled.outcome) {
    case 'approved':
      return beginFamily(parts, polled.flow)
    case 'pending':
      return refuse('authorization_pending', 'Nobody has decided yet.')
    case 'slowDown':
      return refuse('slow_down', `That was too early: ask every ${Math.ceil(polled.intervalMs / 1_000)} seconds.`)
    case 'denied':
      return refuse('access_denied', 'The login was refused at the page.')
    case 'expired':
      return ENDED
    case 'used':
      return refuse('invalid_grant', 'The device code was used already. Begin again.')
    case 'notFound':
      return UNKNOWN
  }
}

/** Nobody decided within its time, or who has approved it took that back. */
const ENDED = refuse('expired_token', 'The login was not approved in time, or the approval was taken back. Begin again.')

/** Which of both it is, is nobody's business who has no code. */
const UNKNOWN: OAuthRefused = {
  ...refuse('invalid_grant', 'The device code is not known here, or was given to another client_id.'),
  isGuess: true,
}

/** The first tokens, with what the person may still do of what they have approved. */
async function beginFamily(
  { login, now }: DeviceFlowParts,
  { id: flow, person, project, client, scopes: approved }: DeviceFlowRow & { readonly person: PersonRef },
): Promise<Granted | OAuthRefused> {
  const grantable = login.grantable(person)
  const scopes = approved.filter(scope => grantable.includes(scope))
  const principal = scopes.length > 0 ? login.admit(person, { scopes, project }) : undefined
  if (!principal) return refuse('access_denied', 'Whoever approved the login may not log in here any more.')
  const first = makeToken('refresh', secureRandom)
  const at = now()
  const family = { id: randomUUID() as FamilyId, client, project, scopes, expiresAt: at + login.lifetimes.refreshMs }
  const most = login.bounds.person.devices
  const started = await login.store.execute({ kind: 'startFamily', principal, family, flow, hash: first.hash, most, now: at })
  if (started.outcome === 'withdrawn') return ENDED
  if (started.outcome === 'exceeds') throw new Error('A principal was admitted with less than was asked for')
  if (started.displaced.length > 0) login.boundsObserver.bounded('device', started.displaced.length)
  for (const ended of started.displaced) login.known.family(ended)
  return grantTokens(login, { ...family, owner: person }, scopes, first.text)
}
