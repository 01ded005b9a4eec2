/**
 * What a login said of a person, as it is kept (`persons.claims`). Read back by the rules of now: entitlements are judged by the authorities that
 * are pinned today, and groups count only under the prefix that their login has today.
 */
import type { Claims } from '@portolan/identity'
import * as z from 'zod'

const texts = z.array(z.string())

export const PersonClaims = z.object({
  /** For display only. */
  name: z.string().optional(),
  /** For display only. */
  email: z.string().optional(),
  /** In normal form. */
  entitlements: texts,
  /** With the prefix of their login. */
  groups: texts,
  assurance: texts,
  affiliations: texts,
  acr: z.string().optional(),
  /** Visas as they came, not verified. */
  passport: texts,
  /** Entitlements that did not count, by reason. */
  ignored: z.array(z.object({ reason: z.string(), count: z.int() })),
})
export type PersonClaims = z.infer<typeof PersonClaims>

const NO_CLAIMS: PersonClaims = { entitlements: [], groups: [], assurance: [], affiliations: [], passport: [], ignored: [] }

/** `acr`: how the person logged in, where the login says it elsewhere than in the claims. */
export function toPersonClaims(claims: Claims, acr = claims.acr): PersonClaims {
  const { name, email, entitlements, groups, assurance, affiliations, passport, ignored } = claims
  return {
    ...(name !== undefined && { name: shorten(name) }),
    ...(email !== undefined && { email: shorten(email) }),
    entitlements: entitlements.map(({ text }) => text),
    groups: [...groups],
    assurance: [...assurance],
    affiliations: [...affiliations],
    ...(acr !== undefined && { acr }),
    passport: [...passport],
    ignored: [...ignored],
  }
}

/** Nobody is called so; whoever can write their own name should not fill pages and rows with it. */
const MOST_LETTERS = 200

function shorten(text: string): string {
  return text.length <= MOST_LETTERS ? text : `${text.slice(0, MOST_LETTERS - 1).toWellFormed()}…`
}

/** The text for the store, and back. What another version wrote, and cannot be read, says nothing: the next look at the login mends it. */
export function writeClaims(claims: PersonClaims): string {
  return JSON.stringify(claims)
}

export function readClaims(text: string): PersonClaims {
  try {
    return PersonClaims.parse(JSON.parse(text))
  } catch {
    return NO_CLAIMS
  }
}
