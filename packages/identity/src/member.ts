/**
 * Who is meant by a line of a rule: one person (`sub@iss`), holders of an entitlement, or a group of one login's own.
 *
 *     0a1b@lifescience-ri.eu@https://login.aai.lifescience-ri.eu/oidc/
 *     urn:geant:lifescience-ri.eu:group:lifescience:spe4hd#aai.lifescience-ri.eu
 *     urn:geant:lifescience-ri.eu:group:lifescience:spe4hd#aai.lifescience-ri.eu and its subgroups
 *     charite:/site-a
 */
import type { Claims } from './claims.ts'
import { type Entitlement, parseEntitlement } from './entitlement.ts'
import { type IssuerOptions, readIssuers } from './issuer.ts'
import { isSamePerson, type Person, parsePerson } from './person.ts'
import { satisfies } from './satisfies.ts'

export type Member =
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'entitlement'; readonly entitlement: Entitlement; readonly subgroups: boolean }
  /** `name` with its prefix. */
  | { readonly kind: 'group'; readonly issuer: string; readonly name: string }

export type ParsedMember = { readonly ok: true; readonly member: Member } | { readonly ok: false; readonly problem: string }

/** A person, with what their login says of them. */
export interface Holder extends Person {
  readonly claims: Pick<Claims, 'entitlements' | 'groups'>
}

export interface Membership {
  /** Reads a line of a rule. A line that nobody can ever meet is a problem. Never throws. */
  parse(text: string): ParsedMember
  /** Whether the line means this person. What another login says never counts for it. */
  includes(member: Member, holder: Holder): boolean
}

const SUBGROUPS = ' and its subgroups'

/** Rules that name persons, entitlements and groups, for these logins. Throws a `TypeError` for rules of issuers that cannot hold. */
export function createMembership(issuers: readonly IssuerOptions[]): Membership {
  const known = readIssuers(issuers)

  function parseGroup(text: string): ParsedMember | undefined {
    const issuer = [...known.values()].find(({ groups }) => groups && text.startsWith(groups.prefix) && text.length > groups.prefix.length)
    return issuer && { ok: true, member: { kind: 'group', issuer: issuer.issuer, name: text } }
  }

  function parseUrn(text: string): ParsedMember {
    const subgroups = text.endsWith(SUBGROUPS)
    const parsed = parseEntitlement(subgroups ? text.slice(0, -SUBGROUPS.length) : text)
    if (!parsed.ok) return parsed
    const { entitlement } = parsed
    if (entitlement.authority === undefined)
      return { ok: false, problem: 'It names no authority: add # and the authority that must say so, such as #aai.lifescience-ri.eu' }
    return { ok: true, member: { kind: 'entitlement', entitlement, subgroups } }
  }

  return {
    parse(text) {
      const person = parsePerson(text)
      if (person.ok) {
        const { issuer } = person.person
        return known.has(issuer)
          ? { ok: true, member: { kind: 'person', person: person.person } }
          : {
              ok: false,
              problem: `Its login is not one of ${[...known.keys()].join(', ')}: compare to the letter, a slash at the end included`,
            }
      }
      if (/^urn:/i.test(text)) return parseUrn(text)
      return (
        parseGroup(text) ?? {
          ok: false,
          problem: 'It is neither sub@iss, nor an entitlement (urn:…), nor a group with the prefix of a login',
        }
      )
    },
    includes(member, holder) {
      const rules = known.get(holder.issuer)
      if (!rules) return false
      if (member.kind === 'person') return isSamePerson(member.person, holder)
      if (member.kind === 'group') return member.issuer === holder.issuer && holder.claims.groups.includes(member.name)
      const matching = { subgroups: member.subgroups, authorities: rules.authorities }
      return holder.claims.entitlements.some(held => satisfies(held, member.entitlement, matching))
    },
  }
}
