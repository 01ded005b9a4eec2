/**
 * Puts the login of required mode together: from the configuration and the ports to what routes, door and reconciler use (`login.ts`).
 */
import type { Fetch } from '@portolan/ga4gh'
import { ApiError } from '@portolan/ga4gh'
import { createTokenVerifier } from '@portolan/identity'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { SecretHash } from '../stores/login-rows.ts'
import type { LoginStore } from '../stores/login-store.ts'
import { createClaimsRenewal } from './claims-renewal.ts'
import { createForeignTokens } from './foreign-tokens.ts'
import { createFreshness } from './freshness.ts'
import { toIssuerOptions } from './issuers/issuer-options.ts'
import { createLoginClient } from './issuers/login-client.ts'
import { watchIssuers } from './issuers/watch-issuers.ts'
import { keepUp } from './keep-up.ts'
import { createForgetKnown, createKnownCredentials } from './known-credentials.ts'
import type { AskLimits } from './limits/ask-turns.ts'
import type { BoundsObserver } from './limits/live-bounds.ts'
import type { Login } from './login.ts'
import { createLoginUpkeep } from './login-upkeep.ts'
import { createOwnTokens } from './own-tokens.ts'
import { createPeople } from './people.ts'
import type { DeclaredProjects } from './project-directory.ts'
import { createRecordLogin } from './record-login.ts'
import { createSessionDoor } from './session-door.ts'
import type { SubjectTokens } from './subject-tokens.ts'
import { createTokenAuthenticator } from './token-authenticator.ts'
import { mintAccessToken } from './tokens/access-token.ts'
import { secureRandom } from './tokens/random-source.ts'
import { jwksOf, type SigningKeySource } from './tokens/signing-keys.ts'
import { createUpstreamTokens } from './upstream-tokens.ts'

export interface LoginPorts {
  readonly store: LoginStore
  readonly directory: DeclaredProjects
  readonly signingKeys: SigningKeySource
  /** The broker's one way out. */
  readonly fetch: Fetch
  /** This process takes requests: it also watches the logins, writes down uses and sweeps. */
  readonly tends: boolean
  /** The public URL; asked when it is needed, since a broker on a free port learns it late. */
  readonly ownIssuer: () => string
  /** SHA-256 by a key that is not in the store, 64 hex digits; the same for all replicas and after a restart. */
  readonly digest: (text: string) => string
  /** How often an address may have a login asked. */
  readonly limits: AskLimits
  readonly boundsObserver: BoundsObserver
  readonly now: () => number
  readonly log: Logger
}

export interface LoginConfig {
  readonly auth: Config['auth']
  readonly limits: Pick<Config['limits'], 'live'>
}

export interface OpenLogin extends AsyncDisposable {
  readonly login: Login
  readonly subjectTokens: SubjectTokens
  /** One sentence for each login that cannot be reached just now. */
  troubles(): readonly string[]
}

/** Claims older than this are renewed behind the back of whoever uses them; sooner where they may be less old altogether. */
const RENEW_AFTER_MS = 3_600_000
/** For one question to a login, and for all of one verification: a new login fails within ten seconds. */
const QUESTION_MS = 4_000
const VERIFICATION_MS = 8_000

/** Nothing waits for a login here: one that cannot be reached is tried again, and said. */
export function openLogin({ auth, limits: { live } }: LoginConfig, ports: LoginPorts): OpenLogin {
  const { store, directory, signingKeys, ownIssuer, limits, now, log } = ports
  const { claimsMaxAgeMs, tokens: lifetimes } = auth
  const stop = new AbortController()
  const issuers = new Map(auth.issuers.map(issuer => [issuer.issuer, issuer]))
  const clients = new Map(auth.issuers.map(issuer => [issuer.issuer, createLoginClient(issuer, { fetch: ports.fetch, now })]))
  const verifier = createTokenVerifier({
    issuers: auth.issuers.map(toIssuerOptions),
    fetch: within(ports.fetch, new Set(auth.issuers.flatMap(({ origins }) => origins))),
    now,
    timeoutMs: QUESTION_MS,
    totalTimeoutMs: VERIFICATION_MS,
    signal: stop.signal,
  })
  const known = createKnownCredentials()
  const forget = createForgetKnown(known)
  const upkeep = createLoginUpkeep(store, now)
  const people = createPeople({ issuers: auth.issuers, directory, store, claimsMaxAgeMs, now })
  const upstream = createUpstreamTokens({ issuers: clients, store, signal: stop.signal, now })
  const renewAfterMs = Math.min(RENEW_AFTER_MS, claimsMaxAgeMs / 4)
  const renewal = createClaimsRenewal({ verifier, upstream, store, people, known: forget, renewAfterMs, now, log })
  const own = createOwnTokens({ store, people, renewal, signingKeys, ownIssuer, now })
  const foreign = createForeignTokens({ issuers, verifier, people, store, known: forget, limits, now, log })
  const watch = ports.tends ? watchIssuers([...clients.values()], log, stop.signal) : undefined
  const running = ports.tends ? keepUp(upkeep, now, log) : undefined

  const login: Login = {
    store,
    issuers: [...clients.values()],
    lifetimes,
    bounds: live,
    boundsObserver: ports.boundsObserver,
    ownIssuer,
    authenticator: createTokenAuthenticator({ known, own, foreign, upkeep, ownIssuer, now }),
    browser: createSessionDoor({ store, people, known, upkeep, ownIssuer, now }),
    freshness: createFreshness({ people, renewal, claimsMaxAgeMs, now }),
    known: forget,
    recordLogin: createRecordLogin({ issuers, verifier, store, people, known: forget, now }),
    admit: (person, bounds) => people.admit(person, bounds),
    whyNot: person => people.whyNot(person),
    grantable: person => people.grantable(person),
    describe: person => people.describe(person),
    mintAccessToken: grant => {
      const at = now()
      const parts = { keys: signingKeys.current(at), issuer: ownIssuer(), random: secureRandom, now: at, lifeMs: lifetimes.accessMs }
      return mintAccessToken(grant, parts)
    },
    jwks: async () => jwksOf(await signingKeys.newest(now()), now()),
    hashUserCode: code => ports.digest(`portolan user code ${code}`) as SecretHash,
  }
  return {
    login,
    subjectTokens: upstream,
    troubles: () => watch?.troubles() ?? [],
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('The broker is closing'))
      await running?.[Symbol.asyncDispose]()
    },
  }
}

/** To the logins' own origins alone, whatever a discovery document says. */
function within(fetch: Fetch, origins: ReadonlySet<string>): Fetch {
  return async (href, init) => {
    if (origins.has(URL.parse(href)?.origin ?? '')) return fetch(href, init)
    throw new ApiError('unreachable', 'A login names an address at an origin that is not declared, which gets nothing', {
      delivery: 'not_sent',
    })
  }
}
