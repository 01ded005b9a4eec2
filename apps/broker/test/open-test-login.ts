/**
 * The real login of required mode (`openLogin`) on a store of a test.
 */
import { hash } from 'node:crypto'
import { Writable } from 'node:stream'
import { keep } from '../../../test/leaks/remains.ts'
import { openDoorLimits } from '../src/auth/limits/door-limits.ts'
import type { Bounded, LiveBounds } from '../src/auth/limits/live-bounds.ts'
import type { Login } from '../src/auth/login.ts'
import { openLogin } from '../src/auth/open-login.ts'
import type { DeclaredProjects } from '../src/auth/project-directory.ts'
import type { SubjectTokens } from '../src/auth/subject-tokens.ts'
import type { SigningKeys } from '../src/auth/tokens/signing-keys.ts'
import { convertIssuer } from '../src/config/convert-issuer.ts'
import { IssuerFile } from '../src/config/issuer-file.ts'
import { LiveFile } from '../src/config/live-file.ts'
import type { ConfiguredIssuer } from '../src/config/types.ts'
import { createOutboundFetch } from '../src/http/outbound-fetch.ts'
import { createLog } from '../src/observe/log.ts'
import type { LoginStore } from '../src/stores/login-store.ts'

/** What a server under test brings. */
export interface TestPorts {
  readonly store: LoginStore
  readonly ownIssuer: () => string
}

export interface TestLoginOptions extends TestPorts {
  readonly issuers: readonly (Pick<ConfiguredIssuer, 'issuer' | 'clientId'> & Partial<ConfiguredIssuer>)[]
  readonly directory: DeclaredProjects
  readonly signingKeys: SigningKeys
  readonly claimsMaxAgeMs?: number
  readonly live?: Partial<LiveBounds>
  readonly now?: () => number
  /** Origins that are declared for something else than logins. */
  readonly declaredOrigins?: readonly string[]
}

export interface OpenedLogin extends AsyncDisposable {
  readonly login: Login
  readonly subjectTokens: SubjectTokens
  troubles(): readonly string[]
  /** Lines of the log. */
  readonly logged: readonly string[]
  /** What bounds were met by. */
  readonly bounded: readonly (readonly [Bounded, number])[]
}

/** Of a person of whom nothing is said. */
export const NO_CLAIMS_TEXT = JSON.stringify({ entitlements: [], groups: [], assurance: [], affiliations: [], passport: [], ignored: [] })

const DAY_MS = 86_400_000

export async function openTestLogin(options: TestLoginOptions): Promise<OpenedLogin> {
  const issuers: ConfiguredIssuer[] = options.issuers.map(({ issuer, clientId, ...more }) => ({
    ...convertIssuer(IssuerFile.parse({ issuer, clientId }), undefined, []),
    ...more,
  }))
  const logged: string[] = []
  const bounded: (readonly [Bounded, number])[] = []
  const destination = new Writable({
    write(line, _encoding, done) {
      logged.push(String(line))
      done()
    },
  })
  const outbound = createOutboundFetch({
    declaredOrigins: [...issuers.flatMap(({ origins }) => origins), ...(options.declaredOrigins ?? [])],
  })
  const opened = openLogin(
    {
      auth: {
        mode: 'required',
        tokens: { accessMs: 900_000, refreshMs: 30 * DAY_MS, personalMs: 90 * DAY_MS, personalMostMs: 365 * DAY_MS },
        claimsMaxAgeMs: options.claimsMaxAgeMs ?? DAY_MS,
        issuers,
        admins: [],
      },
      limits: { live: { ...LiveFile.parse({}), ...options.live } },
    },
    {
      store: options.store,
      directory: options.directory,
      signingKeys: {
        current: () => options.signingKeys,
        newest: async () => options.signingKeys,
        refresh: async () => options.signingKeys,
      },
      fetch: outbound.fetch,
      tends: true,
      ownIssuer: options.ownIssuer,
      limits: openDoorLimits,
      boundsObserver: { bounded: (what, count) => void bounded.push([what, count]) },
      digest: text => hash('sha256', text),
      now: options.now ?? Date.now,
      log: createLog({ level: 'debug', destination }),
    },
  )
  return {
    login: opened.login,
    subjectTokens: opened.subjectTokens,
    troubles: () => opened.troubles(),
    logged,
    bounded,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]()
      await outbound[Symbol.asyncDispose]()
      keep('log', 'the login of a server', logged.join(''))
    },
  }
}
