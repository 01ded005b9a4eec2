/**
 * A person is an issuer and a subject, both compared letter by letter. In a file they are written `sub@iss`. A `sub` may hold any number of
 * `@` (those of LS-Login do), an issuer holds none: so the last `@` divides, and no other reading is possible.
 */

export interface Person {
  /** Exactly as tokens name it; a slash at the end is part of it. */
  readonly issuer: string
  readonly subject: string
}

export type ParsedPerson = { readonly ok: true; readonly person: Person } | { readonly ok: false; readonly problem: string }

const ISSUER = /^https?:\/\/[^\s@?#]+$/
const MAX_SUBJECT = 255

/** Reads `sub@iss`. Never throws. */
export function parsePerson(text: string): ParsedPerson {
  const at = text.lastIndexOf('@')
  const [subject, issuer] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)]
  if (at < 0 || !isIssuer(issuer)) return { ok: false, problem: 'It does not end in @ and the address of a login (https://…)' }
  if (!isSubject(subject)) return { ok: false, problem: `Before the last @ stands no subject of 1 to ${MAX_SUBJECT} characters` }
  return { ok: true, person: { issuer, subject } }
}

/** `sub@iss`, which `parsePerson` reads back. */
export function formatPerson(person: Person): string {
  return `${person.subject}@${person.issuer}`
}

/** Letter by letter: no case, slash or space is overlooked. */
export function isSamePerson(one: Person, other: Person): boolean {
  return one.issuer === other.issuer && one.subject === other.subject
}

/** Whether the text can be an issuer here: an http or https URL without query, fragment or `@`. */
export function isIssuer(text: string): boolean {
  return ISSUER.test(text) && URL.canParse(text)
}

/** Whether the text can be a subject (OpenID Connect Core, section 2): 1 to 255 characters, none of them a control character. */
export function isSubject(text: string): boolean {
  return text.length > 0 && text.length <= MAX_SUBJECT && !/\p{Cc}/u.test(text)
}
