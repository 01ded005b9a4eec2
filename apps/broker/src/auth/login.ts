/**
 * The login of `auth.mode: required`, as routes see it. `open-login.ts` builds it from the configuration; in open mode there is none.
 *
 * Who calls what: web login takes `issuers`, `recordLogin` and `store` (pending logins, sessions); the device flow and the token endpoint take
 * `store`, `hashUserCode`, `admit`, `mintAccessToken` and `jwks`; tokens, sessions and `me` take `store`, `grantable`, `describe` and `known`; the
 * door takes `authenticator` and `browser`; creates take `freshness`. Who ends a credential in the store tells `known` in the same breath.
 *
 * Crash: all that a login is made of lies in the store; here are only caches. Two callers: of one question to a login both get the answer.
 */
import type { Configuration } from 'openid-client'
import type { Secret } from '../config.ts'
import type { FamilyId, PersonRef, SecretHash, TokenId } from '../stores/login-rows.ts'
import type { LoginStore } from '../stores/login-store.ts'
import type { Authenticator, Unavailable } from './authenticate.ts'
import type { BrowserDoor } from './browser-door.ts'
import type { BoundsObserver, LiveBounds } from './limits/live-bounds.ts'
import type { PersonClaims } from './person-claims.ts'
import type { Principal, Scope } from './principal.ts'
import type { CredentialBounds } from './project-directory.ts'
import type { TokenLifetimes } from './rules/lifetimes.ts'
import type { AccessGrant, MintedToken } from './tokens/access-token.ts'
import type { jwksOf } from './tokens/signing-keys.ts'

/** A login that is admitted, as who sends people there speaks to it. */
export interface LoginIssuer {
  /** Its name in paths: each issuer has a redirect URI of its own, so that no answer of one is taken for that of another. */
  readonly id: string
  /** For people. */
  readonly name: string
  /** Exactly as its tokens name it. */
  readonly issuer: string
  readonly clientId: string
  /** Absent: we are a public client there. */
  readonly clientSecret: Secret | undefined
  /** To ask for. */
  readonly scopes: readonly string[]
  /** To ask for as `acr_values`; `recordLogin` refuses every other. Empty: any way to log in will do. */
  readonly acrValues: readonly string[]
  /**
   * A client of openid-client for one way in. It sends through the broker's one way out, to the declared origins of this issuer alone, and checks
   * the signatures of ID tokens; every request of it ends with the signal. The discovery document is kept. Rejects with `LoginUnavailable`.
   */
  open(signal: AbortSignal): Promise<Configuration>
}

/** The login does not answer as it must. `says` is a sentence for the person; nothing of a secret is in it. */
export class LoginUnavailable extends Error {
  override readonly name = 'LoginUnavailable'
  readonly says: string
  readonly retryAfterSeconds: number

  constructor(says: string, retryAfterSeconds: number) {
    super(says)
    this.says = says
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** What a login has just given us for a person. */
export interface FreshLogin {
  readonly issuer: string
  /** Of the ID token, whose signature, audience, time and nonce the caller has checked. */
  readonly idToken: Readonly<Record<string, unknown>> & { readonly sub: string }
  readonly accessToken: string
  readonly refreshToken?: string | undefined
  /** The kind of client, for the event that is left: `web`. */
  readonly client: string
  /** Bounds what is asked of the login. */
  readonly signal: AbortSignal
}

export type RecordedLogin =
  /** `principal`: with everything that the person may do; for `startSession`. */
  | { readonly outcome: 'recorded'; readonly person: PersonRef; readonly principal: Principal }
  /** `says`: a sentence for the person. */
  | { readonly outcome: 'refused'; readonly says: string }
  /** What the login gives cannot be used, whoever logs in there: operators have to act. `reason`: a word for them. */
  | { readonly outcome: 'unfit'; readonly says: string; readonly reason: string }
  | Unavailable

/** Drops what is known of a credential in this process, at once. Other processes learn of it within `KNOWN_TTL_MS`. */
export interface ForgetKnown {
  token(id: TokenId): void
  /** Every access token of the family. */
  family(id: FamilyId): void
  session(hash: SecretHash): void
  /** Every credential of the person. */
  person(person: PersonRef): void
}

/** Whether what the login said of a person is young enough to create work by (`auth.claimsMaxAgeHours`). */
export interface Freshness {
  isFresh(principal: Principal): boolean
  /** Waits for nobody: what is known now. If the claims are too old, the login is asked behind the back of the caller. */
  look(principal: Principal): Principal | Stale
  /**
   * The principal to create by. If the claims are too old, and only then, the login is asked: then it is the principal as the login has it now. Never
   * throws.
   */
  refresh(principal: Principal): Principal | Stale | Promise<Principal | Stale>
}

/** Nothing is created. `retryAfterSeconds`: the login cannot be asked, and may be then; absent: the person must log in. */
export interface Stale {
  readonly stale: true
  readonly says: string
  readonly retryAfterSeconds?: number | undefined
}

export interface Login {
  readonly store: LoginStore
  readonly issuers: readonly LoginIssuer[]
  readonly lifetimes: TokenLifetimes
  /** How much may be live at once. */
  readonly bounds: LiveBounds
  /** Takes what a bound was met by. */
  readonly boundsObserver: BoundsObserver
  /** The public URL of the broker: issuer and audience of its own tokens. Known once it listens. */
  ownIssuer(): string

  /** Credentials of the API: bearer, basic, `X-API-Key`. Cookies are not looked at. */
  readonly authenticator: Authenticator
  /** The session cookie, for operations of the browser alone. */
  readonly browser: BrowserDoor
  readonly freshness: Freshness
  readonly known: ForgetKnown

  /**
   * Makes a stored person of a login that has just ended well: asks for the claims as `claimsFrom` says, checks `acr`, stores claims, link and
   * refresh token, and leaves the event `login`. Rejects with `StoreUnavailable`.
   */
  recordLogin(fresh: FreshLogin): Promise<RecordedLogin>
  /**
   * The principal behind a credential of a person who has logged in before. Undefined: nobody such, or their login is admitted no more. Claims that
   * are too old make them a member of nothing by entitlement or group.
   */
  admit(person: PersonRef, bounds: CredentialBounds): Principal | undefined
  /** For somebody who was not admitted: why, and what to do. */
  whyNot(person: PersonRef): string
  /** All that a credential of this person may be given. */
  grantable(person: PersonRef): readonly Scope[]
  /** What the login said of the person. */
  describe(person: PersonRef): { readonly claims: PersonClaims; readonly claimsAt: number } | undefined

  /** Signs an access token that lives for `auth.tokens.accessMinutes`. */
  mintAccessToken(grant: AccessGrant): Promise<MintedToken>
  /** The JWKS document. */
  jwks(): Promise<ReturnType<typeof jwksOf>>
  /** What a user code is stored and found under: a digest by a key that is not in the store. */
  hashUserCode(code: string): SecretHash
}
