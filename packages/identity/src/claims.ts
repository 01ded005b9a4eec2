/**
 * What a login says of a person, in one closed shape. Nothing is believed that its issuer may not say.
 */
import * as z from 'zod/mini'
import { isPinned } from './authorities.ts'
import { type Entitlement, parseEntitlement } from './entitlement.ts'
import type { Issuer, UpstreamOptions } from './issuer.ts'
import { isSubject, type Person } from './person.ts'

export interface Claims {
  /** For display only: the person can change it. */
  readonly name: string | undefined
  /** For display only: the person can change it. Never a key to anything. */
  readonly email: string | undefined
  /** Read strictly, and from authorities that are pinned for this issuer. */
  readonly entitlements: readonly Entitlement[]
  /** Groups of the issuer's own, each with `groupPrefix` before it. They count under this issuer only. */
  readonly groups: readonly string[]
  /** `eduperson_assurance`, for instance `https://refeds.org/assurance/IAP/medium`. */
  readonly assurance: readonly string[]
  /** `faculty@charite.de`; the current ones where the login knows them. */
  readonly affiliations: readonly string[]
  /** How the person was authenticated. */
  readonly acr: string | undefined
  /** Who the person is at the login behind this one. It joins visas to a person; rules that name persons do not look at it. */
  readonly upstream: Person | undefined
  /** `ga4gh_passport_v1`: visas as they came, none of them verified. */
  readonly passport: readonly string[]
  /** How many entitlements did not count, and why: one sentence for each reason. */
  readonly ignored: readonly IgnoredEntitlements[]
}

export interface IgnoredEntitlements {
  readonly reason: string
  readonly count: number
}

const text = z.catch(z.optional(z.string()), undefined)
const one = z.pipe(
  z.string(),
  z.transform(value => [value]),
)
const list = z.catch(
  z._default(
    z.union([
      one,
      z.pipe(
        z.array(z.unknown()),
        z.transform(values => values.filter(value => typeof value === 'string')),
      ),
    ]),
    [],
  ),
  [],
)

const ForeignClaims = z.looseObject({
  name: text,
  email: text,
  eduperson_entitlement: list,
  eduperson_assurance: list,
  voperson_external_affiliation: list,
  voperson_current_external_affiliation: list,
  acr: text,
  ga4gh_passport_v1: list,
})

/** Reads the claims of userinfo, of an ID token, of a JWT or of introspection. What is absent or of another form is left out; never throws. */
export function readClaims(issuer: Issuer, foreign: unknown): Claims {
  const parsed = ForeignClaims.safeParse(foreign)
  const claims = parsed.success ? parsed.data : ForeignClaims.parse({})
  const current = claims.voperson_current_external_affiliation
  return {
    name: claims.name,
    email: claims.email,
    ...readEntitlements(claims.eduperson_entitlement, issuer),
    groups: issuer.groups ? readGroups(claims[issuer.groups.claim], issuer.groups.prefix) : [],
    assurance: claims.eduperson_assurance,
    affiliations: current.length > 0 ? current : claims.voperson_external_affiliation,
    acr: claims.acr,
    upstream: issuer.upstream && readUpstream(claims, issuer.upstream),
    passport: claims.ga4gh_passport_v1,
  }
}

function readEntitlements(values: readonly string[], { authorities }: Issuer): Pick<Claims, 'entitlements' | 'ignored'> {
  const entitlements = new Map<string, Entitlement>()
  const ignored = new Map<string, number>()
  const ignore = (reason: string) => ignored.set(reason, (ignored.get(reason) ?? 0) + 1)
  for (const value of values) {
    const parsed = parseEntitlement(value)
    if (!parsed.ok) ignore(parsed.problem)
    else if (!isPinned(parsed.entitlement, authorities)) ignore('Its authority is missing or not pinned for this login')
    else entitlements.set(parsed.entitlement.text, parsed.entitlement)
  }
  return { entitlements: [...entitlements.values()], ignored: [...ignored].map(([reason, count]) => ({ reason, count })) }
}

function readGroups(foreign: unknown, prefix: string): string[] {
  const groups = list.parse(foreign).filter(group => group !== '' && !/\p{Cc}/u.test(group))
  return [...new Set(groups)].map(group => `${prefix}${group}`)
}

function readUpstream(
  claims: Readonly<Record<string, unknown>>,
  { issuer, subjectClaim, issuerClaim }: UpstreamOptions,
): Person | undefined {
  const subject = claims[subjectClaim]
  if (typeof subject !== 'string' || !isSubject(subject)) return undefined
  return issuerClaim === undefined || claims[issuerClaim] === issuer ? { issuer, subject } : undefined
}
