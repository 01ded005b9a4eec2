import { describe, expect, it } from 'vitest'
import { decide, reads } from '../../test/rows/case.ts'
import { FIT_ROWS } from '../../test/rows/fit.ts'
import { PASSING_ROWS } from '../../test/rows/passing.ts'
import { POLICY_ROWS } from '../../test/rows/policy.ts'
import { REASONS } from '../reasons.ts'
import { CHECKS } from './index.ts'

const ROWS = [...FIT_ROWS, ...POLICY_ROWS]

describe('a task is kept from a site', () => {
  it.each(ROWS)('%s: %s', (code, _, given, detail) => {
    const mends = REASONS[code] === 'later'
    expect(decide(given)).toEqual({
      work: 'w1',
      chosen: null,
      outcome: mends ? 'hold' : 'refused',
      why: mends ? `No site can run it now: Here not now (${code})` : `No site may run it: Here denied (${code})`,
      sites: [{ id: 'here', name: 'Here', verdict: REASONS[code], reasons: [{ code, detail, fix: expect.stringMatching(/\S.*\.$/) }] }],
      counts: { pass: 0, [code]: 1 },
      snapshot: 'snap-1',
      policyVersion: 'policy-1',
    })
  })

  it('with all reasons at once, in the order of the checks', () => {
    const { sites, outcome } = decide({
      site: { draining: true, policy: { groups: ['g'], images: { digest: 'required' } } },
      status: { idle: 1, window: 1 },
      work: { images: ['ubuntu'] },
    })
    expect(outcome).toBe('refused')
    expect(sites[0]?.verdict).toBe('never')
    expect(sites[0]?.reasons.map(reason => reason.code)).toEqual(['SITE_DRAINING', 'NO_ROOM_NOW', 'GROUP_MISSING', 'IMAGE_NOT_PINNED'])
  })
})

describe('a task may go to a site', () => {
  it.each(PASSING_ROWS)('%s: %s', (_code, _, given) => {
    expect(decide(given)).toMatchObject({
      chosen: 'here',
      outcome: 'placed',
      counts: { pass: 1 },
      sites: [{ verdict: 'pass', reasons: [], rank: 1 }],
    })
  })

  it('where every list of a rule that nobody can decide yet is empty', () => {
    const policy = {
      groups: [],
      countries: [],
      affiliations: [],
      terms: [],
      visas: [],
      images: { base: [] },
    }
    const prefix = { groups: [], visas: [] }
    expect(decide({ site: { policy }, prefix, work: { inputs: reads } }).chosen).toBe('here')
  })
})

describe('the table of checks', () => {
  it('has one check for each reason, in the same order', () => {
    expect(CHECKS.map(check => check.code)).toEqual(Object.keys(REASONS))
  })

  it('has a failing row here for each reason, and a passing one for each that is decided', () => {
    expect([...new Set(ROWS.map(([code]) => code))].toSorted()).toEqual(Object.keys(REASONS).toSorted())
    const passing = new Set(PASSING_ROWS.map(([code]) => code))
    expect(CHECKS.filter(check => !passing.has(check.code))).toEqual(CHECKS.filter(check => check.closed))
  })
})
