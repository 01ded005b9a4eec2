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

/** What a login said, and when, ms since 1970. */
export interface Told {
  readonly claims: PersonClaims
  readonly claimsAt: number
}

export interface People {
  /** Undefined: their login is admitted no more. */
  admitBy(person: PersonRef, told: Told, bounds: CredentialBounds): Principal | undefined
  /** By what is stored. Undefined too for somebody who has never logged in. */
  admit(person: PersonRef, bounds: CredentialBounds): Principal | undefined
  grantable(person: PersonRef): readonly Scope[]
  describe(person: PersonRef): Told | undefined
}

export interface PeopleParts {
  readonly issuers: readonly ConfiguredIssuer[]
  readonly directory: DeclaredProjects
  readonly store: Pick<LoginStore, 'getPerson'>
  readonly claimsMaxAgeMs: number
  readonly now: () => number
}

interface Rules {
  readonly authorities: readonly PinnedAuthority[]
  readonly groupPrefix: string | undefined
}

export function createPeople({ issuers, directory, store, claimsMaxAgeMs, now }: PeopleParts): People {
  const rules = new Map<string, Rules>(
    issuers.map(({ issuer, entitlementAuthorities, groupPrefix }) => [
      issuer,
      { authorities: pinAuthorities(entitlementAuthorities), groupPrefix },
    ]),
  )

  function describe(person: PersonRef): Told | undefined {
    const row = store.getPerson(SYSTEM, person)
    return row && { claims: readClaims(row.claimsText), claimsAt: row.claimsAt }
  }

  function admitBy({ issuer, subject }: PersonRef, { claims, claimsAt }: Told, bounds: CredentialBounds): Principal | undefined {
    const rule = rules.get(issuer)
    if (!rule) return undefined
    const { authorities, groupPrefix } = rule
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

  return {
    admitBy,
    admit,
    describe,
    grantable: person => scopesOf(admit(person, { scopes: ['admin'] })?.roles.includes('admin') ?? false),
  }
}
