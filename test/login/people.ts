/**
 * The people who can log in, where a test brings none of its own: two in one project, one in another, one in none, and one whose home
 * organisation says what only the login may say.
 */
import { createHash } from 'node:crypto'
import type { HeldVisa, Person } from './settings.ts'

const NAMESPACE = 'urn:geant:lifescience-ri.eu:group:lifescience:portolan'
export const AUTHORITY = 'aai.lifescience-ri.eu'

/** The groups of the people below, as entitlements (AARC-G069). */
export const GROUPS = {
  cancer: `${NAMESPACE}:cancer#${AUTHORITY}`,
  rareDiseases: `${NAMESPACE}:rare-diseases#${AUTHORITY}`,
} as const

export interface PersonSketch {
  /** A first name in small letters. */
  id: string
  familyName?: string
  entitlements?: readonly string[]
  visas?: readonly HeldVisa[]
  /** Replaces or adds to what is made up. */
  claims?: Readonly<Record<string, unknown>>
}

/** Makes up the rest of a person. The `sub` follows from the id, so it is the same at every stand-in. */
export function describePerson({ id, familyName = 'Test', entitlements = [], visas = [], claims = {} }: PersonSketch): Person {
  const givenName = `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`
  const sub = `${createHash('sha1').update(id).digest('hex')}@lifescience-ri.eu`
  const made = {
    name: `${givenName} ${familyName}`,
    given_name: givenName,
    family_name: familyName,
    preferred_username: id,
    email: `${id}@example.org`,
    email_verified: true,
    eduperson_entitlement: entitlements,
    eduperson_assurance: ['https://refeds.org/assurance', 'https://refeds.org/assurance/IAP/medium'],
    eduperson_unique_id: sub,
    eduperson_orcid: 'https://orcid.org/0000-0002-1825-0097',
    voperson_external_affiliation: ['faculty@example.org'],
  }
  return { id, name: made.name, sub, claims: { ...made, ...claims }, visas }
}

export const PEOPLE: readonly Person[] = [
  describePerson({
    id: 'alice',
    entitlements: [GROUPS.cancer],
    visas: [{ type: 'ControlledAccessGrants', value: 'https://data.example.org/sets/1', source: 'https://dac.example.org', by: 'dac' }],
  }),
  describePerson({ id: 'anton', entitlements: [GROUPS.cancer] }),
  describePerson({ id: 'bob', entitlements: [GROUPS.rareDiseases] }),
  describePerson({ id: 'carol' }),
  describePerson({ id: 'dora', entitlements: [`${NAMESPACE}:cancer:role=manager#idp.example.org`, `${NAMESPACE}:cancer#idp.example.org`] }),
]
