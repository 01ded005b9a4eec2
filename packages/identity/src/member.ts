/**
 * Who is meant by a line of a rule, at a given list of logins: what names a login that is not on it, or no group of any of them, is a problem too.
 */
import { type IssuerOptions, readIssuers } from './issuer.ts'
import { type Holder, isMeant, type MemberLine, parseMemberLine } from './member-line.ts'

export type Member =
  | Exclude<MemberLine, { readonly kind: 'group' }>
  /** Of which login the group is. */
  | (Extract<MemberLine, { readonly kind: 'group' }> & { readonly issuer: string })

export type ParsedMember = { readonly ok: true; readonly member: Member } | { readonly ok: false; readonly problem: string }

export interface Membership {
  /** Reads a line of a rule. A line that nobody can ever meet is a problem. Never throws. */
  parse(text: string): ParsedMember
  /** Whether the line means this person. What another login says never counts for it. */
  includes(member: Member, holder: Holder): boolean
}

/** Rules that name persons, entitlements and groups, for these logins. Throws a `TypeError` for rules of issuers that cannot hold. */
export function createMembership(issuers: readonly IssuerOptions[]): Membership {
  const known = readIssuers(issuers)

  function placeGroup(line: Extract<MemberLine, { readonly kind: 'group' }>): ParsedMember {
    const { name } = line
    const login = [...known.values()].find(({ groups }) => groups && name.startsWith(groups.prefix) && name.length > groups.prefix.length)
    return login
      ? { ok: true, member: { ...line, issuer: login.issuer } }
      : { ok: false, problem: 'It is neither sub@iss, nor an entitlement (urn:…), nor a group with the prefix of a login' }
  }

  return {
    parse(text) {
      const parsed = parseMemberLine(text)
      if (!parsed.ok) return parsed
      const { line } = parsed
      if (line.kind === 'group') return placeGroup(line)
      if (line.kind === 'entitlement' || known.has(line.person.issuer)) return { ok: true, member: line }
      const problem = `Its login is not one of ${[...known.keys()].join(', ')}: compare to the letter, a slash at the end included`
      return { ok: false, problem }
    },
    includes(member, holder) {
      const rules = known.get(holder.issuer)
      if (!rules || (member.kind === 'group' && member.issuer !== holder.issuer)) return false
      return isMeant(member, holder, rules.authorities)
    },
  }
}
