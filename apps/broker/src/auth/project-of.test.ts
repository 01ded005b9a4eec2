import type { ProjectId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { LOCAL } from './principal.ts'
import { type ProjectDirectory, type ProjectEntry, projectOf } from './project-of.ts'

const NOW = 1_000
const entry = (id: string, untilMs?: number): ProjectEntry => ({ id: id as ProjectId, name: id, visibility: 'owner', untilMs })
const inAll = (...entries: ProjectEntry[]): ProjectDirectory => ({ projectsOf: () => entries, waysIn: [] })
const inTwo = inAll(entry('a'), entry('b'))

describe('the project of a create', () => {
  it('is the one that the task names', () => {
    expect(projectOf('b', { ...LOCAL, project: 'a' as ProjectId }, inTwo, NOW)).toEqual({ outcome: 'found', project: entry('b') })
  })

  it('is else the one that the credential is bound to', () => {
    expect(projectOf(undefined, { ...LOCAL, project: 'a' as ProjectId }, inTwo, NOW)).toEqual({ outcome: 'found', project: entry('a') })
  })

  it("is else the person's only one", () => {
    expect(projectOf(undefined, LOCAL, inAll(entry('a')), NOW)).toEqual({ outcome: 'found', project: entry('a') })
  })

  it('is unclear to a person in two', () => {
    expect(projectOf(undefined, LOCAL, inTwo, NOW)).toEqual({ outcome: 'unclear', own: [entry('a'), entry('b')] })
  })

  it('is unknown where the person is not in it', () => {
    expect(projectOf('c', LOCAL, inTwo, NOW)).toEqual({ outcome: 'unknown', named: 'c', open: [entry('a'), entry('b')] })
  })

  it('is unknown with those of theirs that are not over', () => {
    const some = inAll(entry('a', NOW), entry('b', NOW + 1))
    expect(projectOf('c', LOCAL, some, NOW)).toEqual({ outcome: 'unknown', named: 'c', open: [entry('b', NOW + 1)] })
  })

  it('is none that is over, as long as there is another', () => {
    expect(projectOf(undefined, LOCAL, inAll(entry('a', NOW), entry('b', NOW + 1)), NOW)).toEqual({
      outcome: 'found',
      project: entry('b', NOW + 1),
    })
    expect(projectOf(undefined, LOCAL, inAll(entry('a', NOW), entry('b'), entry('c')), NOW)).toEqual({
      outcome: 'unclear',
      own: [entry('b'), entry('c')],
    })
    expect(projectOf(undefined, LOCAL, inAll(entry('a', NOW)), NOW)).toEqual({ outcome: 'found', project: entry('a', NOW) })
    expect(projectOf('a', LOCAL, inAll(entry('a', NOW), entry('b')), NOW)).toEqual({ outcome: 'found', project: entry('a', NOW) })
  })
})
