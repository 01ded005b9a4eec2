/**
 * Group entitlements by AARC-G069: `NAMESPACE:group:GROUP[:SUBGROUP]*[:role=ROLE][#AUTHORITY]`, where NAMESPACE is
 * `urn:NID:DELEGATED[:SUB]*`. The parser is strict: what it does not know for sure is no entitlement. Segments stay percent-encoded, so an
 * escaped colon never becomes a border between groups.
 */

export interface Entitlement {
  /** The whole in normal form: two entitlements are equal exactly if their texts are. */
  readonly text: string
  /** `urn:geant:lifescience-ri.eu`, with `urn`, NID and delegated namespace in lower case. */
  readonly namespace: string
  /** The group and its subgroups, outermost first, percent-encoded, case-sensitive. Never empty. */
  readonly path: readonly string[]
  readonly role: string | undefined
  /** Who says so; what stands after the last `#`. */
  readonly authority: string | undefined
}

export type ParsedEntitlement =
  | { readonly ok: true; readonly entitlement: Entitlement }
  /** `problem` says what is wrong without repeating the text, which may be anything. */
  | { readonly ok: false; readonly problem: string }

const MAX_LENGTH = 2048
const NID = /^[a-z0-9][a-z0-9-]{0,30}[a-z0-9]$/i
/** What RFC 8141 allows within a name: unreserved, sub-delims, `@`, `/` and escapes. A colon divides. */
const SEGMENT = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=@/]|%[0-9A-Fa-f]{2})+$/
const AUTHORITY = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:/?]|%[0-9A-Fa-f]{2})+$/
/** `sub@iss` is the name of a person, whatever its `sub` looks like. */
const PERSON = /@https?:\/\//i
const BORDER = ':group:'
const ROLE = 'role='

/** Reads one value of `eduperson_entitlement`, or one that an operator has written. Never throws. */
export function parseEntitlement(text: string): ParsedEntitlement {
  if (text.length > MAX_LENGTH) return wrong(`It is longer than ${MAX_LENGTH} characters`)
  if (PERSON.test(text)) return wrong('It is the name of a person (sub@iss)')
  const hash = text.lastIndexOf('#')
  const name = hash < 0 ? text : text.slice(0, hash)
  const authority = hash < 0 ? undefined : text.slice(hash + 1)
  if (authority !== undefined && !isNamed(authority, AUTHORITY)) return wrong('What follows the # is not the name of an authority')
  const border = name.indexOf(BORDER)
  if (border < 0) return wrong('It names no group: it has no ":group:"')
  const namespace = parseNamespace(name.slice(0, border))
  if (namespace === undefined) return wrong('It does not begin with a namespace such as urn:geant:example.org')
  const segments = name.slice(border + BORDER.length).split(':')
  const last = segments.at(-1) ?? ''
  const path = last.startsWith(ROLE) ? segments.slice(0, -1) : segments
  const role = last.startsWith(ROLE) ? last.slice(ROLE.length) : undefined
  if (role !== undefined && !isNamed(role, SEGMENT)) return wrong('Its role is empty or holds a character that must be percent-encoded')
  if (path.length === 0) return wrong('It names a role but no group')
  if (path.some(segment => segment.startsWith(ROLE))) return wrong('Its role does not stand at the end')
  if (!path.every(segment => isNamed(segment, SEGMENT)))
    return wrong('A group in it is empty or holds a character that must be percent-encoded')
  return { ok: true, entitlement: compose(namespace, path.map(raiseEscapes), role, authority) }
}

/** The namespace in normal form, or undefined. */
export function parseNamespace(text: string): string | undefined {
  const [urn, nid, delegated, ...rest] = text.split(':')
  if (urn?.toLowerCase() !== 'urn' || nid === undefined || !NID.test(nid)) return undefined
  if (delegated === undefined || ![delegated, ...rest].every(segment => isNamed(segment, SEGMENT))) return undefined
  return ['urn', nid.toLowerCase(), raiseEscapes(delegated.toLowerCase()), ...rest.map(raiseEscapes)].join(':')
}

function compose(namespace: string, path: readonly string[], role: string | undefined, authority: string | undefined): Entitlement {
  const raised = { role: role && raiseEscapes(role), authority: authority && raiseEscapes(authority) }
  const text = `${namespace}${BORDER}${path.join(':')}${raised.role ? `:${ROLE}${raised.role}` : ''}${raised.authority ? `#${raised.authority}` : ''}`
  return { text, namespace, path, ...raised }
}

/** Whether the text has the allowed form, and its escapes stand for text without control characters. */
function isNamed(text: string, form: RegExp): boolean {
  if (!form.test(text)) return false
  try {
    return !/\p{Cc}/u.test(decodeURIComponent(text))
  } catch {
    return false
  }
}

/** `%3a` and `%3A` are the same byte; the normal form is upper case. */
function raiseEscapes(text: string): string {
  return text.replace(/%[0-9a-f]{2}/gi, byte => byte.toUpperCase())
}

function wrong(problem: string): ParsedEntitlement {
  return { ok: false, problem }
}
