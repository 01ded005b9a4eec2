/**
 * Who plays: two people of two projects, an engine that works for the first, and somebody who is in no project.
 */
import { GROUPS } from '../../test/login/people.ts'

/** Who submits tasks. The engine cannot log in: it has a personal token of Alice, bound to her project, and sends it as a password. */
export const ACTORS = ['alice', 'engine', 'bob'] as const
export type Actor = (typeof ACTORS)[number]

/** Whose tasks they are. */
export type Owner = Exclude<Actor, 'engine'>

/** Logs in like the others, and may nothing. */
export const OUTSIDER = 'carol'

/** Their projects, and the group of the login that makes somebody a member. */
export const PROJECTS = {
  cancer: { name: 'Cancer genomes', group: GROUPS.cancer },
  'rare-diseases': { name: 'Rare diseases', group: GROUPS.rareDiseases },
} as const
export type ProjectName = keyof typeof PROJECTS

export const PROJECT_OF: Readonly<Record<Actor, ProjectName>> = { alice: 'cancer', engine: 'cancer', bob: 'rare-diseases' }

export function ownerOf(actor: Actor): Owner {
  return actor === 'engine' ? 'alice' : actor
}
