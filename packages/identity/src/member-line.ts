/**
 * Lines by which rules name their members. Read without regard to which logins there are; what nobody could ever meet, at whatever login, is a
 * problem. Pure.
 *
 *     0a1b@lifescience-ri.eu@https://login.aai.lifescience-ri.eu/oidc/
 *     urn:geant:lifescience-ri.eu:group:lifescience:spe4hd#aai.lifescience-ri.eu
 *     urn:geant:lifescience-ri.eu:group:lifescience:spe4hd#aai.lifescience-ri.eu and its subgroups
 *     charite:/site-a
 */
import type { PinnedAuthority } from './authorities.ts'
import type { Claims } from './claims.ts'
import { type Entitlement, parseEntitlement } from './entitlement.ts'
import { isSamePerson, type Person, parsePerson } from './person.ts'
import { satisfies } from './satisfies.ts'

export type MemberLine =
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'entitlement'; readonly entitlement: Entitlement & { readonly authority: string }; readonly subgroups: boolean }
  /** `name` with its prefix: a group of one login's own. */
  | { readonly kind: 'group'; readonly name: string }

/** `problem` says what is wrong without repeating the line. */
export type ParsedMemberLine = { readonly ok: true; readonly line: MemberLine } | { readonly ok: false; readonly problem: string }

/** A person, with what their login says of them. */
export interface Holder extends Person {
  readonly claims: Pick<Claims, 'entitlements' | 'groups'>
}

const SUBGROUPS = ' and its subgroups'

/** Reads a line. What is neither a person nor begins as an entitlement does can only be a group. Never throws. */
export function parseMemberLine(text: string): ParsedMemberLine {
  const person = parsePerson(text)
  if (person.ok) return { ok: true, line: { kind: 'person', person: person.person } }
  const subgroups = text.endsWith(SUBGROUPS)
  if (/^urn:/i.test(text)) return parseUrn(subgroups ? text.slice(0, -SUBGROUPS.length) : text, subgroups)
  if (subgroups) return { ok: false, problem: 'Only of an entitlement (urn:…) can the subgroups be meant: name each group of a login' }
  return { ok: true, line: { kind: 'group', name: text } }
}

function parseUrn(text: string, subgroups: boolean): ParsedMemberLine {
  const parsed = parseEntitlement(text)
  if (!parsed.ok) return parsed
  const { authority } = parsed.entitlement
  if (authority === undefined)
    return { ok: false, problem: 'It names no authority: add # and the authority that must say so, such as #aai.lifescience-ri.eu' }
  return { ok: true, line: { kind: 'entitlement', entitlement: { ...parsed.entitlement, authority }, subgroups } }
}

/** Whether the line means this person. `authorities`: whose word counts for people of their login; the groups are those of that login alone. */
export function isMeant(line: MemberLine, holder: Holder, authorities: readonly PinnedAuthority[]): boolean {
  switch (line.kind) {
    case 'person':
      return isSamePerson(line.person, holder)
    case 'entitlement':
      return holder.claims.entitlements.some(held => satisfies(held, line.entitlement, { subgroups: line.subgroups, authorities }))
    case 'group':
      return holder.claims.groups.includes(line.name)
  }
}
