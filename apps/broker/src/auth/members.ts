/**
 * Who is on a list of members: each entry is a line as `@portolan/identity` reads it. One that cannot be read means nobody. Pure.
 */
import { type Holder, isMeant, type PinnedAuthority, parseEntitlement, parseMemberLine } from '@portolan/identity'

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

/** Compiles a list once, for many questions. An empty one has no member. */
export function compileMembers(entries: readonly string[]): IsMember {
  const lines = entries.flatMap(entry => {
    const parsed = parseMemberLine(entry)
    return parsed.ok ? [parsed.line] : []
  })
  return person => {
    const holder = toHolder(person)
    return lines.some(line => isMeant(line, holder, person.authorities))
  }
}

function toHolder({ issuer, subject, entitlements, groups }: KnownPerson): Holder {
  const held = entitlements.flatMap(text => {
    const parsed = parseEntitlement(text)
    return parsed.ok ? [parsed.entitlement] : []
  })
  return { issuer, subject, claims: { entitlements: held, groups } }
}
