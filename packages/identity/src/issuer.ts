/**
 * The logins whose tokens are taken, and by which rules. Read once, so that a rule that cannot hold is found at the start.
 */
import { type PinnedAuthority, pinAuthorities } from './authorities.ts'
import { isIssuer } from './person.ts'

export const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const
/** Signatures by key pairs only: neither `none` nor HMAC can be named. */
export type Algorithm = (typeof ALGORITHMS)[number]

/** The header `typ` of an access token; `absent`: it has none. */
export type TokenType = 'at+jwt' | 'JWT' | 'absent'

export interface IssuerOptions {
  /** Exactly as its tokens name it; a slash at the end is part of it. https, or http on loopback. */
  readonly issuer: string
  /** Our name at this login. */
  readonly clientId: string
  /** Needed for introspection. A function is asked each time, so that a rotated secret is taken up. */
  readonly clientSecret?: string | (() => string | Promise<string>) | undefined
  /** A token counts if its `aud` holds one of these. Default: `clientId` alone. */
  readonly audiences?: readonly string[] | undefined
  /** Other clients of this login whose tokens count. Ours always do. */
  readonly allowedAzp?: readonly string[] | undefined
  /**
   * Audiences of others, for instance of sites for which we exchange tokens. A token made for one of them, and not for us, does not count,
   * whoever had it issued: a site must not be able to come back with it.
   */
  readonly foreignAudiences?: readonly string[] | undefined
  /** Default: RS256, PS256, ES256, ES384, EdDSA, Ed25519. */
  readonly algorithms?: readonly Algorithm[] | undefined
  /** Default: all three. */
  readonly tokenTypes?: readonly TokenType[] | undefined
  /** The login also issues opaque tokens: they are introspected (RFC 7662) here. Only one issuer of a list can say so. */
  readonly opaqueTokens?: boolean | undefined
  /** Where the claims of a person come from; `token`: from the JWT itself. */
  readonly claimsFrom: 'userinfo' | 'token' | 'introspection'
  /** See `pinAuthorities`. Default: none, so that no entitlement of this login counts. */
  readonly entitlementAuthorities?: readonly string[] | undefined
  /** A claim with groups of the login's own, such as those of a Keycloak. They count under this issuer only. */
  readonly groupsClaim?: string | undefined
  /** Put before each of them in rules: `charite:/site-a`. Needed with `groupsClaim`; no prefix of a list may begin another. */
  readonly groupPrefix?: string | undefined
  /** The login stands before another one, and hands on who the person is there. */
  readonly upstream?: UpstreamOptions | undefined
}

export interface UpstreamOptions {
  /** The issuer there. */
  readonly issuer: string
  /** The claim with the subject there. */
  readonly subjectClaim: string
  /** A claim with the issuer there; the link then holds only if it is the one above. */
  readonly issuerClaim?: string | undefined
}

/** The same with every default filled in. */
export interface Issuer {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: (() => string | Promise<string>) | undefined
  readonly audiences: readonly string[]
  readonly clients: readonly string[]
  readonly foreignAudiences: readonly string[]
  readonly algorithms: readonly Algorithm[]
  readonly tokenTypes: readonly TokenType[]
  readonly opaqueTokens: boolean
  readonly claimsFrom: IssuerOptions['claimsFrom']
  readonly authorities: readonly PinnedAuthority[]
  readonly groups: { readonly claim: string; readonly prefix: string } | undefined
  readonly upstream: UpstreamOptions | undefined
}

const USUAL: readonly Algorithm[] = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519']
const TYPES: readonly TokenType[] = ['at+jwt', 'JWT', 'absent']

/** Fills in the defaults. Throws a `TypeError` that names the field and the fix. */
export function readIssuers(list: readonly IssuerOptions[]): ReadonlyMap<string, Issuer> {
  const issuers = new Map<string, Issuer>()
  for (const options of list) {
    if (issuers.has(options.issuer)) throw new TypeError(`issuers: ${options.issuer} is there twice: put its rules into one entry`)
    issuers.set(options.issuer, readIssuer(options))
  }
  refuseAmbiguity([...issuers.values()])
  return issuers
}

function readIssuer(options: IssuerOptions): Issuer {
  const { issuer, clientId, clientSecret, claimsFrom, groupsClaim, groupPrefix } = options
  const wrong = (field: string, fix: string) => new TypeError(`issuers: ${issuer}: ${field}: ${fix}`)
  if (!isIssuer(issuer) || !isSafeUrl(issuer, issuer)) throw wrong('issuer', 'write an https URL without query, fragment or @')
  if (clientId === '') throw wrong('clientId', 'name the client that the login knows us by')
  const algorithms = options.algorithms ?? USUAL
  if (algorithms.length === 0 || !algorithms.every(name => ALGORITHMS.includes(name)))
    throw wrong('algorithms', `name some of ${ALGORITHMS.join(', ')}`)
  if (groupsClaim !== undefined && !groupPrefix)
    throw wrong('groupPrefix', 'give the groups of groupsClaim a prefix, by which rules name them')
  if (/^urn:/i.test(groupPrefix ?? '')) throw wrong('groupPrefix', 'let it not begin with urn:, as entitlements do')
  if ((options.opaqueTokens || claimsFrom === 'introspection') && clientSecret === undefined)
    throw wrong('clientSecret', 'give one: introspection needs it')
  if (options.upstream && !isIssuer(options.upstream.issuer)) throw wrong('upstream.issuer', 'write the URL of the login behind this one')
  return {
    issuer,
    clientId,
    clientSecret: typeof clientSecret === 'string' ? () => clientSecret : clientSecret,
    audiences: options.audiences?.length ? options.audiences : [clientId],
    clients: [clientId, ...(options.allowedAzp ?? [])],
    foreignAudiences: options.foreignAudiences ?? [],
    algorithms,
    tokenTypes: options.tokenTypes ?? TYPES,
    opaqueTokens: options.opaqueTokens ?? false,
    claimsFrom,
    authorities: pinAuthorities(options.entitlementAuthorities ?? []),
    groups: groupsClaim === undefined ? undefined : { claim: groupsClaim, prefix: groupPrefix ?? '' },
    upstream: options.upstream,
  }
}

function refuseAmbiguity(issuers: readonly Issuer[]): void {
  if (issuers.filter(issuer => issuer.opaqueTokens).length > 1)
    throw new TypeError('issuers: opaqueTokens: set it for one login only, since an opaque token does not say whose it is')
  const prefixes = issuers.flatMap(({ groups }) => (groups ? [groups.prefix] : []))
  for (const [at, prefix] of prefixes.entries())
    if (prefixes.some((other, index) => index !== at && other.startsWith(prefix)))
      throw new TypeError(
        `issuers: groupPrefix: "${prefix}" begins that of another login: make them differ, so that a rule names one login`,
      )
}

/** https anywhere; plain http only on loopback, and only for a login that is itself there. */
export function isSafeUrl(href: string, issuer: string): boolean {
  const url = URL.parse(href)
  if (url === null || url.username !== '' || url.password !== '') return false
  if (url.protocol === 'https:') return true
  return url.protocol === 'http:' && issuer.startsWith('http:') && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
}
