import type { ProjectId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { createProjectUse } from './project-use.ts'

const lab = 'lab' as ProjectId
const free = 'free' as ProjectId

function start({ at = 0, counted = 0, looks = 0 } = {}) {
  const world = { at, counted, looks }
  const store = {
    countUnderWay: () => {
      world.looks += 1
      return world.counted
    },
  }
  return { world, use: createProjectUse([{ id: lab, quota: { queued: 2 } }, { id: free }], store, () => world.at) }
}

describe('what a project has under way', () => {
  it('counts what was sent at once, and what has ended at the next look', () => {
    const { world, use } = start({ counted: 1 })
    expect([use.underWay(lab), use.hasRoom(lab)]).toEqual([1, true])
    use.started(lab)(true)
    world.counted = 0
    expect([use.underWay(lab), use.hasRoom(lab), world.looks]).toEqual([2, false, 1])
    world.at += 1_000
    expect([use.underWay(lab), use.hasRoom(lab), world.looks]).toEqual([0, true, 2])
  })

  it('keeps what is on its way over a look, and forgets what did not become durable', () => {
    const { world, use } = start()
    use.underWay(lab)
    const stored = use.started(lab)
    world.at += 1_000
    expect(use.underWay(lab)).toBe(1)
    stored(false)
    expect(use.underWay(lab)).toBe(0)
  })

  it('is not asked for where there is no quota', () => {
    const { world, use } = start()
    use.started(free)(true)
    expect([use.underWay(free), use.hasRoom(free), world.looks]).toEqual([undefined, true, 0])
  })
})
