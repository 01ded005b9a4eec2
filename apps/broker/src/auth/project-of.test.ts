import type { ProjectId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { LOCAL } from './principal.ts'
import { LOCAL_PROJECT, openProjects, type ProjectDirectory, projectOf } from './project-of.ts'

const entry = (id: string) => ({ id: id as ProjectId, name: id, visibility: 'owner' as const })
const inTwo: ProjectDirectory = { projectsOf: () => [entry('a'), entry('b')] }

describe('the project of a create', () => {
  it('is the one that the task names', () => {
    expect(projectOf('b', { ...LOCAL, project: 'a' as ProjectId }, inTwo)).toEqual({ outcome: 'found', project: entry('b') })
  })

  it('is else the one that the credential is bound to', () => {
    expect(projectOf(undefined, { ...LOCAL, project: 'a' as ProjectId }, inTwo)).toEqual({ outcome: 'found', project: entry('a') })
  })

  it("is else the person's only one", () => {
    expect(projectOf(undefined, LOCAL, openProjects)).toEqual({ outcome: 'found', project: LOCAL_PROJECT })
  })

  it('is unclear to a person in two', () => {
    expect(projectOf(undefined, LOCAL, inTwo)).toEqual({ outcome: 'unclear', own: [entry('a'), entry('b')] })
  })

  it('is unknown where the person is not in it', () => {
    expect(projectOf('c', LOCAL, inTwo)).toEqual({ outcome: 'unknown', named: 'c', own: [entry('a'), entry('b')] })
  })
})
