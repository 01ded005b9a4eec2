/**
 * Verifies what somebody shows at a door. Nobody is asked anything about a token whose issuer is not on the list; every answer is a value, and
 * only `valid` lets anybody in.
 */
import { compactVerify } from 'jose'
import { type Fetch, type Limit, type LoginClient, type Trouble, until } from './ask-login.ts'
import { type Claims, readClaims } from './claims.ts'
import { type Endpoints, keepEndpoints } from './discovery.ts'
import { introspect } from './introspection.ts'
import { type Issuer, type IssuerOptions, readIssuers } from './issuer.ts'
import { judgePurpose, judgeToken, TokenClaims } from './judge-token.ts'
import type { KeptDocument, KeptTimes } from './kept-document.ts'
import { KEY_TIMES, type KeySet, keepKeys } from './key-set.ts'
import { isSubject } from './person.ts'
import { judgeHeader, readToken, type TokenForm } from './read-token.ts'
import { fetchUserinfo } from './userinfo.ts'
import { type RefusedToken, refuse, type TokenCheck, type UnavailableIssuer, type ValidToken, type Verification } from './verification.ts'

export interface TokenVerifierOptions {
  /** The logins whose tokens are taken; all others are refused without a question. */
  readonly issuers: readonly IssuerOptions[]
  /** Default: the global one. It must bound what it reaches; redirects are not followed. */
  readonly fetch?: Fetch | undefined
  /** ms since 1970. Default: the system's clock. */
  readonly now?: (() => number) | undefined
  /** For one question to a login. Default 5,000. */
  readonly timeoutMs?: number | undefined
  /** For all that one verification asks. Default 8,000. */
  readonly totalTimeoutMs?: number | undefined
  /** How long keys are kept. Default: fresh 10 min, used for 30 min more if the login is silent, asked for at most every 30 s. */
  readonly keyTimes?: Partial<KeptTimes> | undefined
  /** Ends everything that is on the way. */
  readonly signal?: AbortSignal | undefined
}

export interface VerifyOptions {
  readonly signal?: AbortSignal | undefined
}

export interface TokenVerifier {
  /** Whose token is it, and is it for us? Asks the login for its keys if they are not known, and about opaque tokens. Never throws. */
  check(token: string, options?: VerifyOptions): Promise<TokenCheck>
  /** The same, and who the person is, by the issuer's `claimsFrom`. Never throws. */
  verify(token: string, options?: VerifyOptions): Promise<Verification>
  /**
   * The claims of a person by an access token that this login itself has just given us for them, at its token endpoint: nobody has to ask whose the
   * token is, or for whom. From the issuer's `claimsFrom`. Never throws; `refused` for an issuer that is not on the list.
   */
  fetchClaims(question: ClaimsQuestion, options?: VerifyOptions): Promise<ClaimsAnswer>
  /** Claims that came by another way, such as an ID token that was verified at a login. Throws a `TypeError` for an issuer that is not on the list. */
  readClaims(issuer: string, foreign: unknown): Claims
}

export interface ClaimsQuestion {
  readonly issuer: string
  readonly subject: string
  readonly token: string
}

export type ClaimsAnswer = { readonly outcome: 'claims'; readonly claims: Claims } | RefusedToken | UnavailableIssuer

interface Login {
  readonly rules: Issuer
  readonly endpoints: KeptDocument<Endpoints>
  readonly keys: KeySet
}

/** A check, and what else is known by then. */
type Found = { readonly check: ValidToken; readonly login: Login; readonly foreign: unknown }
type Failure = RefusedToken | UnavailableIssuer

export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const now = options.now ?? Date.now
  const client: LoginClient = {
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    timeoutMs: options.timeoutMs ?? 5_000,
    signal: options.signal,
  }
  const logins = new Map([...readIssuers(options.issuers)].map(([issuer, rules]) => [issuer, openLogin(client, rules, options, now)]))
  const opaque = [...logins.values()].find(({ rules }) => rules.opaqueTokens)
  const totalTimeoutMs = options.totalTimeoutMs ?? 8_000

  async function find(token: string, limit: Limit): Promise<Found | Failure> {
    const read = readToken(token)
    if (read.form === 'refused') return read.refusal
    if (read.form === 'opaque') return opaque ? await askAbout(token, opaque, limit, { isNew: true }) : noOpaqueTokens()
    const login = logins.get(read.issuer)
    return login ? await prove(token, read, login, limit) : unknownIssuer([...logins.keys()])
  }

  async function prove(token: string, read: TokenForm & { form: 'jwt' }, login: Login, limit: Limit): Promise<Found | Failure> {
    const refusal = judgeHeader(read.header, login.rules)
    if (refusal) return refusal
    const found = await bounded(login, () => login.keys.find(read.header, read.issuedAt, limit))
    if ('outcome' in found) return found
    if (found.found === 'unavailable') return unavailable(login, found.trouble)
    if (found.found === 'none')
      return refuse('unknown_key', `The token is signed by a key that the login ${read.issuer} does not have. Log in again.`)
    const payload = await verifySignature(token, found.key, login.rules)
    if (payload === undefined) return refuse('signature', 'The signature of the token is not that of the login. Log in again.')
    const claims = TokenClaims.safeParse(payload)
    if (!claims.success) return refuse('malformed', 'The token says nothing readable of its end, audience or scope.')
    const check = judgePurpose(read.header.typ, claims.data) ?? judgeToken(claims.data, login.rules, now())
    return check.outcome === 'valid' ? { check, login, foreign: payload } : check
  }

  /** `isNew`: nothing but the login says what it is. */
  async function askAbout(token: string, login: Login, limit: Limit, { isNew }: { isNew: boolean }): Promise<Found | Failure> {
    const asked = await withEndpoints(login, limit, endpoints => introspect(client, login.rules, endpoints, token, limit))
    if ('outcome' in asked) return asked
    if (asked.kind === 'trouble') return unavailable(login, asked.trouble)
    if (asked.kind === 'refused') return asked.refusal
    if (isNew && !asked.isBearer) return refuse('token_type', untypedToken(login.rules.issuer))
    const check = judgeToken(asked.claims, login.rules, now())
    return check.outcome === 'valid' ? { check, login, foreign: asked.foreign } : check
  }

  async function addClaims(token: string, found: Found, limit: Limit): Promise<Verification> {
    const { check, login } = found
    const told = await askClaims(login, { subject: check.subject, token, limit, found })
    return told.outcome === 'claims' ? { ...check, claims: told.claims } : told
  }

  /** `found`: what the token has said of itself, if that is known. */
  async function askClaims(
    login: Login,
    { subject, token, limit, found }: { subject: string; token: string; limit: Limit; found?: Found | undefined },
  ): Promise<ClaimsAnswer> {
    const { issuer, claimsFrom } = login.rules
    if (claimsFrom === 'userinfo') {
      const asked = await withEndpoints(login, limit, endpoints => fetchUserinfo(client, endpoints, { issuer, subject, token, limit }))
      if ('outcome' in asked) return asked
      if (asked.kind === 'trouble') return unavailable(login, asked.trouble)
      return asked.kind === 'refused' ? asked.refusal : { outcome: 'claims', claims: readClaims(login.rules, asked.foreign) }
    }
    const introspects = claimsFrom === 'introspection' && (found === undefined || readToken(token).form === 'jwt')
    const told = introspects ? await askAbout(token, login, limit, { isNew: false }) : (found ?? (await find(token, limit)))
    if ('outcome' in told) return told
    if (told.check.subject !== subject || told.login !== login)
      return refuse('subject_mismatch', `The login ${issuer} answered with the data of another person.`)
    return { outcome: 'claims', claims: readClaims(login.rules, told.foreign) }
  }

  async function withEndpoints<T>(login: Login, limit: Limit, ask: (endpoints: Endpoints) => Promise<T>): Promise<T | Failure> {
    const where = await bounded(login, () => until(limit.signal, () => login.endpoints.read()))
    if ('outcome' in where) return where
    return where.ok ? await ask(where.copy.value) : unavailable(login, where.trouble)
  }

  return {
    async check(token, { signal } = {}) {
      const found = await find(token, limitTo(totalTimeoutMs, signal))
      return 'check' in found ? found.check : found
    },
    async verify(token, { signal } = {}) {
      const limit = limitTo(totalTimeoutMs, signal)
      const found = await find(token, limit)
      return 'check' in found ? await addClaims(token, found, limit) : found
    },
    async fetchClaims({ issuer, subject, token }, { signal } = {}) {
      const login = logins.get(issuer)
      if (!login) return unknownIssuer([...logins.keys()])
      if (!isSubject(subject)) return refuse('no_subject', unusableSubject(issuer))
      return await askClaims(login, { subject, token, limit: limitTo(totalTimeoutMs, signal) })
    },
    readClaims(issuer, foreign) {
      const login = logins.get(issuer)
      if (!login) throw new TypeError(`${issuer} is not on the list of issuers`)
      return readClaims(login.rules, foreign)
    },
  }
}

function openLogin(client: LoginClient, rules: Issuer, options: TokenVerifierOptions, now: () => number): Login {
  const endpoints = keepEndpoints(client, rules.issuer, now)
  return { rules, endpoints, keys: keepKeys(client, rules.issuer, endpoints, { ...KEY_TIMES, ...options.keyTimes }, now) }
}

/** The payload, or undefined if the signature is not by this key. */
async function verifySignature(token: string, key: Parameters<typeof compactVerify>[1], { algorithms }: Issuer): Promise<unknown> {
  try {
    const { payload } = await compactVerify(token, key, { algorithms: [...algorithms] })
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch {
    return undefined
  }
}

function limitTo(totalTimeoutMs: number, caller: AbortSignal | undefined): Limit {
  let signal: AbortSignal | undefined
  return {
    get signal() {
      signal ??= AbortSignal.any([AbortSignal.timeout(totalTimeoutMs), ...(caller ? [caller] : [])])
      return signal
    },
  }
}

/** What was waited for, or that it took too long for this caller; others may still be waiting for it. */
async function bounded<T>(login: Login, work: () => Promise<T>): Promise<T | UnavailableIssuer> {
  try {
    return await work()
  } catch {
    return unavailable(login, { detail: `The login ${login.rules.issuer} did not answer in time. Try again later.`, retryAfterMs: 5_000 })
  }
}

function unavailable({ rules }: Login, { detail, retryAfterMs }: Trouble): UnavailableIssuer {
  return { outcome: 'unavailable', issuer: rules.issuer, detail, retryAfterMs }
}

function unknownIssuer(issuers: readonly string[]): RefusedToken {
  return refuse(
    'unknown_issuer',
    `The token is from a login that is not admitted here. These are: ${issuers.join(', ') || 'none'}. Log in by one of them.`,
  )
}

function unusableSubject(issuer: string): string {
  return `The login ${issuer} knows you by a "sub" that cannot be used: 1 to 255 characters, none of them a control. Tell the operators of the login.`
}

function untypedToken(issuer: string): string {
  return `The login ${issuer} does not say that this is an access token (token_type Bearer): it may be a refresh token. Send an access token.`
}

function noOpaqueTokens(): RefusedToken {
  return refuse('malformed', 'This is not a token that can be read here. Copy it whole, without quotes, or log in again.')
}
