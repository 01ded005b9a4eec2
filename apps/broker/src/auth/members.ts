/**
 * Who is on a list of members. An entry is a person (`sub@iss`), an entitlement (AARC-G069, which must come from an authority that the person's
 * login may speak through), or a group of a login's own under the prefix that the configuration gives it. Each is equal as a whole, or not. Pure.
 */
import { type Entitlement, type PinnedAuthority, parseEntitlement, parsePerson, satisfies } from '@portolan/identity'

/** A person as the login that they came by knows them. */
export interface KnownPerson {
  readonly issuer: string
  readonly subject: string
  /** As they came; what is no entitlement counts for nothing. */
  readonly entitlements: readonly string[]
  /** Whose entitlements count, for people of this login. */
  readonly authorities: readonly PinnedAuthority[]
  /** Groups of this login alone, each with its prefix. */
  readonly groups: readonly string[]
}

export type IsMember = (person: KnownPerson) => boolean

/** What an entry of a list means, or what is wrong with it. */
export type MemberEntry =
  | { readonly kind: 'person'; readonly issuer: string; readonly subject: string }
  | { readonly kind: 'entitlement'; readonly entitlement: Entitlement }
  | { readonly kind: 'group'; readonly group: string }

/** Reads an entry. What is neither a person nor an entitlement can only be a group. */
export function readMember(entry: string): MemberEntry {
  const person = parsePerson(entry)
  if (person.ok) return { kind: 'person', ...person.person }
  const entitlement = parseEntitlement(entry)
  return entitlement.ok ? { kind: 'entitlement', entitlement: entitlement.entitlement } : { kind: 'group', group: entry }
}

/** Compiles a list once, for many questions. An empty one has no member. */
export function compileMembers(entries: readonly string[]): IsMember {
  const members = entries.map(readMember)
  return person => {
    const held = person.entitlements.flatMap(text => {
      const parsed = parseEntitlement(text)
      return parsed.ok ? [parsed.entitlement] : []
    })
    return members.some(member => meets(person, held, member))
  }
}

function meets(person: KnownPerson, held: readonly Entitlement[], member: MemberEntry): boolean {
  switch (member.kind) {
    case 'person':
      return member.issuer === person.issuer && member.subject === person.subject
    case 'entitlement':
      return held.some(one => satisfies(one, member.entitlement, { subgroups: false, authorities: person.authorities }))
    case 'group':
      return person.groups.includes(member.group)
  }
}
