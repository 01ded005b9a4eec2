import type { Decision, ProjectId, Reason, ReasonCode, SiteId, SiteVerdict, WorkId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { createHeldWork } from './held-work.ts'

const id = 'w1' as WorkId
const reason = (code: ReasonCode): Reason => ({ code, detail: '', fix: '' })
const site = (name: string, verdict: SiteVerdict['verdict'], ...codes: ReasonCode[]): SiteVerdict => ({
  id: name as SiteId,
  name,
  verdict,
  reasons: codes.map(reason),
})
const holding = (why: string, ...sites: SiteVerdict[]): Decision => ({
  work: id,
  chosen: null,
  outcome: 'hold',
  why,
  sites,
  counts: {},
  snapshot: 's',
  policyVersion: 'p',
})
const full = holding('full', site('berlin', 'later', 'NO_ROOM_NOW'), site('paris', 'never', 'RESIDENCY', 'NO_ROOM_NOW'))

const rooms = (...free: string[]) => ({ hasRoom: (one: string) => free.includes(one) })

describe('work that is held', () => {
  it('rests until a site that could take it has room', () => {
    const held = createHeldWork(() => 0)
    expect(held.rests(id, rooms(), rooms())).toBe(false)
    expect(held.note(id, full)).toBe(true)
    expect(held.rests(id, rooms(), rooms())).toBe(true)
    expect(held.rests(id, rooms('paris'), rooms())).toBe(true)
    expect(held.rests(id, rooms('berlin'), rooms())).toBe(false)
  })

  it('does not wait for room where room is not what is missing', () => {
    const held = createHeldWork(() => 0)
    held.note(id, holding('frozen', site('berlin', 'later', 'FROZEN')))
    expect(held.rests(id, rooms('berlin', 'paris'), rooms())).toBe(true)
  })

  it('is looked at again after a while in any case', () => {
    let at = 0
    const held = createHeldWork(() => at)
    held.note(id, full)
    at = 60_000
    expect(held.rests(id, rooms(), rooms())).toBe(false)
  })

  it('tells a new reason from a known one', () => {
    const held = createHeldWork(() => 0)
    held.note(id, full)
    expect(held.note(id, full)).toBe(false)
    expect(held.note(id, { ...full, why: 'down' })).toBe(true)
    held.forget(id)
    expect(held.note(id, full)).toBe(true)
  })

  it('leaves alone what went wrong, and keeps what it knew', () => {
    const held = createHeldWork(() => 0)
    held.note(id, full)
    held.postpone(id)
    expect(held.rests(id, rooms('berlin', 'paris'), rooms())).toBe(true)
    expect(held.note(id, full)).toBe(false)
  })

  it('of a project whose quota is used up rests until both the project and a site have room', () => {
    const held = createHeldWork(() => 0)
    held.note(id, holding('quota', site('berlin', 'later', 'QUOTA', 'NO_ROOM_NOW')), 'lab' as ProjectId)
    expect(held.rests(id, rooms('berlin'), rooms())).toBe(true)
    expect(held.rests(id, rooms(), rooms('lab'))).toBe(true)
    expect(held.rests(id, rooms('berlin'), rooms('lab'))).toBe(false)
  })

  it('does not wait for a quota that nobody can count', () => {
    const held = createHeldWork(() => 0)
    held.note(id, holding('quota', site('berlin', 'later', 'QUOTA')))
    expect(held.rests(id, rooms('berlin'), rooms('lab'))).toBe(true)
  })
})
