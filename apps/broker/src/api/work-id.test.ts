import { WORK_ID } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { createWorkIds } from './work-id.ts'

describe('ids of work items', () => {
  it('have 26 characters of digits and capital letters', () => {
    expect(createWorkIds(() => 1_700_000_000_000)()).toMatch(WORK_ID)
  })

  it('rise within one millisecond', () => {
    const nextId = createWorkIds(() => 1_700_000_000_000)
    const ids = Array.from({ length: 5_000 }, nextId)
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => (a < b ? -1 : 1)))
  })

  it('rise when the clock steps back', () => {
    let now = 1_700_000_000_000
    const nextId = createWorkIds(() => now)
    const before = nextId()
    now -= 60_000
    expect(nextId() > before).toBe(true)
  })

  it('of two processes do not collide', () => {
    const ids = Array.from({ length: 1_000 }, () => createWorkIds(() => 1_700_000_000_000)())
    expect(new Set(ids).size).toBe(1_000)
  })
})
