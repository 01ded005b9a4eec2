/**
 * A server in required mode and the stand-ins of its logins, each a process of its own: the login that is admitted, and, for who asks for it, one that
 * is not. The clock of the server's login can be moved; those of the stand-ins stand where they are.
 */

import type { ProjectId } from '@portolan/federation'
import type { Fault } from '../../../../test/login/faults.ts'
import { GROUPS, PEOPLE } from '../../../../test/login/people.ts'
import { CLIENTS, discover, logIn } from '../../../../test/login/service.ts'
import { type StandIn, startStandIn, type WantedAccessToken } from '../../../../test/login/stand-in.ts'
import type { LiveBounds } from '../../src/auth/limits/live-bounds.ts'
import type { Scope } from '../../src/auth/principal.ts'
import { createProjectDirectory, type DeclaredProject } from '../../src/auth/project-directory.ts'
import { makeToken } from '../../src/auth/tokens/opaque-token.ts'
import { secureRandom } from '../../src/auth/tokens/random-source.ts'
import { makeSigningKeys } from '../../src/auth/tokens/signing-keys.fixture.ts'
import type { ConfiguredIssuer } from '../../src/config/types.ts'
import { Secret } from '../../src/config.ts'
import { MANY } from '../../src/stores/login-contract/builders.ts'
import type { FamilyId, PersonRef, TokenId } from '../../src/stores/login-rows.ts'
import type { LoginStore } from '../../src/stores/login-store.ts'
import { type Answer, call } from '../call.ts'
import { type OpenedLogin, openTestLogin, type TestPorts } from '../open-test-login.ts'
import { type RunningApi, startApi } from '../start-api.ts'

const SCOPES = ['openid', 'profile', 'email', 'offline_access', 'eduperson_entitlement'] as const
/** The client of the stand-in that the broker is. */
const CLIENT = 'service'
const CLIENT_SECRET = CLIENTS[0].secret
export const SITE_AUDIENCE = 'https://site-a.example.org/'

export interface WorldOptions {
  readonly claimsMaxAgeMs?: number
  readonly issuer?: Partial<ConfiguredIssuer>
  /** Of the login, from before it is asked anything. */
  readonly faults?: readonly Fault[]
  /** How much may be live at once. */
  readonly live?: Partial<LiveBounds>
  /** What the login does with refresh tokens that are exchanged. */
  readonly refreshTokens?: 'kept' | 'rotated'
}

export interface LoginWorld extends AsyncDisposable {
  readonly login: StandIn
  /** A login that is not admitted. */
  stranger(): Promise<StandIn>
  readonly api: RunningApi
  /** The login of the server. */
  opened(): OpenedLogin
  /** Another process with the same clock, as far as its login goes; on the store of the server, or on one that is given. */
  openAnother(store?: LoginStore): Promise<OpenedLogin>
  /** Moves the clock of the server's login. */
  advance(ms: number): void
  personOf(id: string): PersonRef
  /** A token of the login for the broker; anything else may be asked for. */
  mint(wanted?: Partial<WantedAccessToken>, from?: StandIn): Promise<string>
  /** Somebody logs in by code and PKCE, and comes back to the broker. Answers the tokens of the login. */
  comeBack(id: string): Promise<{ readonly accessToken: string; readonly refreshToken: string | undefined }>
  /** Makes a personal token of somebody who has logged in. */
  givePersonal(id: string): Promise<{ readonly text: string; readonly id: TokenId }>
  /** Makes an access token of ours for somebody who has logged in. */
  giveAccess(id: string): Promise<{ readonly text: string; readonly familyId: FamilyId }>
  poll(token: string, path?: string): Promise<Answer>
  create(token: string): Promise<Answer>
  /** Revokes a personal token. */
  revoke(token: string, id: TokenId): Promise<Answer>
}

const SCOPES_OF_TOKENS: readonly Scope[] = ['read', 'write']
const PROJECTS: readonly DeclaredProject[] = [
  { project: { id: 'cancer' as ProjectId }, name: 'Cancer', members: [GROUPS.cancer], visibility: 'project' },
]
const TASK = JSON.stringify({ executors: [{ image: 'alpine:3', command: ['true'] }] })

export async function startWorld({
  claimsMaxAgeMs,
  issuer,
  live = {},
  faults = [],
  refreshTokens = 'kept',
}: WorldOptions = {}): Promise<LoginWorld> {
  await using started = new AsyncDisposableStack()
  const login = started.use(await startStandIn({ clients: CLIENTS, refreshTokens }))
  await login.setFaults(...faults)
  let offset = 0
  let count = 0
  const now = (): number => Date.now() + offset
  const signingKeys = makeSigningKeys([now() - 3_600_000])
  const own = {
    issuer: login.issuer,
    clientId: CLIENT,
    clientSecret: new Secret(CLIENT_SECRET),
    scopes: SCOPES,
    entitlementAuthorities: ['aai.lifescience-ri.eu'],
    foreignAudiences: [SITE_AUDIENCE],
    ...issuer,
  }
  const directory = createProjectDirectory(PROJECTS, [])
  const open = (ports: TestPorts): Promise<OpenedLogin> =>
    openTestLogin({ issuers: [own], directory, signingKeys, now, live, ...(claimsMaxAgeMs !== undefined && { claimsMaxAgeMs }), ...ports })
  const seen: OpenedLogin[] = []
  const api = started.use(
    await startApi({
      projects: PROJECTS,
      async openLogin(ports) {
        const opened = await open(ports)
        seen.push(opened)
        return opened
      },
    }),
  )
  const owned = started.move()
  let strange: Promise<StandIn> | undefined
  const opened = (): OpenedLogin => {
    const [first] = seen
    if (!first) throw new Error('The server has no login')
    return first
  }
  const personOf = (id: string): PersonRef => {
    const person = PEOPLE.find(one => one.id === id)
    if (!person) throw new Error(`Nobody is called ${id}`)
    return { issuer: login.issuer, subject: person.sub }
  }
  const principalOf = (id: string) => ({ ...personOf(id), roles: [], scopes: ['read', 'write'] }) as const

  return {
    login,
    stranger() {
      strange ??= startStandIn({ clients: CLIENTS }).then(one => owned.use(one))
      return strange
    },
    api,
    opened,
    openAnother: (store = api.logins) => open({ store, ownIssuer: () => opened().login.ownIssuer() }),
    advance(ms) {
      offset += ms
    },
    personOf,
    mint: (wanted, from = login) => from.mintAccessToken({ person: 'alice', client: CLIENT, scopes: SCOPES, ...wanted }),
    async comeBack(id) {
      const tokens = await logIn(await discover(login.issuer), id)
      const accessToken = tokens.access_token
      const refreshToken = tokens.refresh_token
      const idToken = { ...tokens.claims(), sub: personOf(id).subject }
      const signal = AbortSignal.timeout(8_000)
      const recorded = await opened().login.recordLogin({ issuer: login.issuer, idToken, accessToken, refreshToken, client: 'web', signal })
      if (recorded.outcome !== 'recorded') throw new Error(`${id} did not come in: ${recorded.says}`)
      return { accessToken, refreshToken }
    },
    async givePersonal(id) {
      const { text, hash } = makeToken('personal', secureRandom)
      const tokenId = `token-${++count}` as TokenId
      const token = { id: tokenId, hash, name: 'engine', scopes: SCOPES_OF_TOKENS, expiresAt: now() + 90 * 86_400_000 }
      await api.logins.execute({ kind: 'createToken', principal: principalOf(id), token, most: MANY, now: now() })
      return { text, id: tokenId }
    },
    async giveAccess(id) {
      const familyId = `family-${++count}` as FamilyId
      const family = { id: familyId, client: 'cli', scopes: ['read', 'write'], expiresAt: now() + 86_400_000 } as const
      await api.logins.execute({
        kind: 'startFamily',
        principal: principalOf(id),
        family,
        hash: makeToken('refresh', secureRandom).hash,
        most: MANY,
        now: now(),
      })
      const grant = { person: personOf(id), scopes: ['read', 'write'], familyId, clientId: 'cli' } as const
      return { text: (await opened().login.mintAccessToken(grant)).text, familyId }
    },
    poll: (token, path = '/ga4gh/tes/v1/tasks') => call(api.port, { path, headers: { authorization: `Bearer ${token}` } }),
    create: token => call(api.port, { method: 'POST', path: '/tasks', headers: { authorization: `Bearer ${token}` }, body: TASK }),
    revoke: (token, id) =>
      call(api.port, { method: 'DELETE', path: `/portolan/v1/tokens/${id}`, headers: { authorization: `Bearer ${token}` } }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
