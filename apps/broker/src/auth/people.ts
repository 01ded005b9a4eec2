/**
 * From a person to a principal: what their login said of them, as the store keeps it, read by the rules of now. What was said too long ago makes
 * nobody a member by entitlement or group, nor an administrator; what is theirs stays theirs, so a poll goes on whatever becomes of the login.
 */
import { type PinnedAuthority, pinAuthorities } from '@portolan/identity'
import type { ConfiguredIssuer } from '../config/types.ts'
import type { PersonRef } from '../stores/login-rows.ts'
import type { LoginStore } from '../stores/login-store.ts'
import { type PersonClaims, readClaims } from './person-claims.ts'
import { type Principal, type Scope, SYSTEM } from './principal.ts'
import type { CredentialBounds, DeclaredProjects } from './project-directory.ts'
import { judgeClaimsAge } from './rules/claims-age.ts'
import { scopesOf } from './rules/scopes.ts'
import { refuseWay } from './rules/way-to-log-in.ts'

/** What a login said, and when, ms since 1970. */
export interface Told {
  readonly claims: PersonClaims
  readonly claimsAt: number
}

export interface People {
  /** Undefined: their login is admitted no more, or not in the way by which they came (`whyNot`). */
  admitBy(person: PersonRef, told: Told, bounds: CredentialBounds): Principal | undefined
  /** By what is stored. Undefined too for somebody who has never logged in. */
  admit(person: PersonRef, bounds: CredentialBounds): Principal | undefined
  grantable(person: PersonRef): readonly Scope[]
  describe(person: PersonRef): Told | undefined
  /** For somebody who was not admitted: why, and what to do. */
  whyNot(person: PersonRef): string
}

export interface PeopleParts {
  readonly issuers: readonly ConfiguredIssuer[]
  readonly directory: DeclaredProjects
  readonly store: Pick<LoginStore, 'getPerson'>
  readonly claimsMaxAgeMs: number
  readonly now: () => number
}

interface Rules {
  readonly issuer: ConfiguredIssuer
  readonly authorities: readonly PinnedAuthority[]
}

export function createPeople({ issuers, directory, store, claimsMaxAgeMs, now }: PeopleParts): People {
  const rules = new Map<string, Rules>(
    issuers.map(issuer => [issuer.issuer, { issuer, authorities: pinAuthorities(issuer.entitlementAuthorities) }]),
  )

  function describe(person: PersonRef): Told | undefined {
    const row = store.getPerson(SYSTEM, person)
    return row && { claims: readClaims(row.claimsText), claimsAt: row.claimsAt }
  }

  function admitBy({ issuer, subject }: PersonRef, { claims, claimsAt }: Told, bounds: CredentialBounds): Principal | undefined {
    const rule = rules.get(issuer)
    // The ways that count may have become fewer since the person came.
    if (!rule || refuseWay(claims.acr, rule.issuer) !== undefined) return undefined
    const { authorities } = rule
    const { groupPrefix } = rule.issuer
    const counts = judgeClaimsAge(claimsAt, claimsMaxAgeMs, now()).outcome === 'fresh'
    const entitlements = counts ? claims.entitlements : []
    // What was stored under another prefix may be the name of another login's group by now.
    const groups = counts && groupPrefix !== undefined ? claims.groups.filter(group => group.startsWith(groupPrefix)) : []
    return { ...directory.admit({ issuer, subject, entitlements, authorities, groups }, bounds), claimsAt }
  }

  function admit(person: PersonRef, bounds: CredentialBounds): Principal | undefined {
    const told = describe(person)
    return told && admitBy(person, told, bounds)
  }

  function whyNot(person: PersonRef): string {
    const rule = rules.get(person.issuer)
    const wrongWay = rule && refuseWay(describe(person)?.claims.acr, rule.issuer)
    return wrongWay ?? `Your login ${person.issuer} is not admitted here any more. Log in by another.`
  }

  return {
    admitBy,
    admit,
    describe,
    whyNot,
    grantable: person => scopesOf(admit(person, { scopes: ['admin'] })?.roles.includes('admin') ?? false),
  }
}
