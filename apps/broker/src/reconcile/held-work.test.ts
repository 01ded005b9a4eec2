import type { Decision, Reason, ReasonCode, SiteId, SiteVerdict, WorkId } from '@portolan/federation'
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

describe('work that is held', () => {
  it('rests until a site that could take it has room', () => {
    const held = createHeldWork(() => 0)
    expect(held.rests(id, () => false)).toBe(false)
    expect(held.note(id, full)).toBe(true)
    expect(held.rests(id, () => false)).toBe(true)
    expect(held.rests(id, one => one === 'paris')).toBe(true)
    expect(held.rests(id, one => one === 'berlin')).toBe(false)
  })

  it('does not wait for room where room is not what is missing', () => {
    const held = createHeldWork(() => 0)
    held.note(id, holding('frozen', site('berlin', 'later', 'FROZEN')))
    expect(held.rests(id, () => true)).toBe(true)
  })

  it('is looked at again after a while in any case', () => {
    let at = 0
    const held = createHeldWork(() => at)
    held.note(id, full)
    at = 60_000
    expect(held.rests(id, () => false)).toBe(false)
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
    expect(held.rests(id, () => true)).toBe(true)
    expect(held.note(id, full)).toBe(false)
  })
})
