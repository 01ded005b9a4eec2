/**
 * The people as they are now: claims change while the stand-in runs.
 */
import type { Person } from './settings.ts'

export interface PeopleBook {
  all(): readonly Person[]
  bySub(sub: string): Person | undefined
  /** By id, sub or e-mail address: what a `login_hint` may name. */
  find(hint: string): Person | undefined
  /** Merges the claims into those of the person; null removes one. */
  setClaims(person: Person, claims: Readonly<Record<string, unknown>>): void
}

export function openPeopleBook(people: readonly Person[]): PeopleBook {
  const book = new Map(people.map(person => [person.sub, person]))
  const all = (): readonly Person[] => [...book.values()]
  const find = (hint: string): Person | undefined => all().find(({ id, sub, claims }) => [id, sub, claims.email].includes(hint))
  return {
    all,
    find,
    bySub: sub => book.get(sub),
    setClaims(person, claims) {
      const merged = Object.entries({ ...person.claims, ...claims }).filter(([, value]) => value !== null)
      book.set(person.sub, { ...person, claims: Object.fromEntries(merged) })
    },
  }
}
