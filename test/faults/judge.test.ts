import type { AttemptId, SiteId, WorkId } from '@portolan/federation'
import { type Attempt, placeAttempt } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { type Evidence, judge, type StoredWork } from './judge.ts'

const T0 = 1_000_000

/** An attempt that was made so long after T0 and ended then, or did not. */
function attempt(number: number, from: number, to?: number): Attempt {
  const placed = placeAttempt({
    id: `a${number}` as AttemptId,
    work: 'one' as WorkId,
    site: 'berlin' as SiteId,
    number,
    nonce: 'n',
    tagKeyId: 'k',
    epoch: 1,
    at: T0 + from,
  })
  return to === undefined ? placed : { ...placed, state: 'TERMINAL', endedAt: T0 + to, end: { outcome: 'COMPLETE', detail: '' } }
}

const work = (changes: Partial<StoredWork> = {}): StoredWork => ({
  row: { id: 'one' as WorkId, name: 'w0-0', state: 'COMPLETE' },
  attempts: [attempt(1, 0, 90)],
  events: [],
  ...changes,
})

const evidence = (changes: Partial<Evidence> = {}): Evidence => ({
  kills: [],
  creates: [{ nonce: 'w0-0', id: 'one' }],
  journals: new Map([['w0-0', 1]]),
  works: [work()],
  chain: { verified: 4, head: '' },
  settledMs: 1_000,
  exitCode: 0,
  ...changes,
})

const kinds = (changes: Partial<Evidence>) => judge(evidence(changes)).violations.map(({ kind }) => kind)

describe('a run of kills', () => {
  it.each<[string, Partial<Evidence>, string[]]>([
    ['holds where all that was acknowledged ran once', {}, []],
    ['holds where a create without an answer ran', { creates: [{ nonce: 'w0-0' }] }, []],
    ['holds where a create without an answer never was', { creates: [{ nonce: 'w0-0' }], journals: new Map(), works: [] }, []],
    ['finds what was acknowledged and is not in the store', { works: [], journals: new Map() }, ['lost']],
    ['finds an id that was given to another task', { works: [work({ row: { ...work().row, name: 'w1-1' } })] }, ['lost']],
    ['finds what was acknowledged and never ran', { journals: new Map() }, ['lost']],
    ['finds what ran twice', { journals: new Map([['w0-0', 2]]) }, ['ran twice']],
    ['finds what ran twice without an answer', { creates: [{ nonce: 'w0-0' }], journals: new Map([['w0-0', 2]]) }, ['ran twice']],
    ['finds a task that still waits', { works: [work({ row: { ...work().row, state: 'QUEUED' } })] }, ['never ended']],
    ['finds a task that failed', { works: [work({ row: { ...work().row, state: 'SYSTEM_ERROR' } })] }, ['did not end well']],
    ['finds that rest never came', { settledMs: undefined }, ['never ended']],
    [
      'finds an attempt that began too early',
      { works: [work({ attempts: [attempt(1, 0, 90), attempt(2, 80, 99)] })] },
      ['two attempts at a time'],
    ],
    [
      'finds an attempt beside an open one',
      { works: [work({ attempts: [attempt(1, 0), attempt(2, 80, 99)] })] },
      ['two attempts at a time'],
    ],
    ['takes attempts one after the other', { works: [work({ attempts: [attempt(1, 0, 80), attempt(2, 80, 99)] })] }, []],
    ['finds a broken chain', { chain: { verified: 3, head: '', brokenAt: 4 } }, ['broken chain']],
    ['finds a broker that did not end well', { exitCode: 1 }, ['bad exit']],
  ])('%s', (_, changes, expected) => {
    expect(kinds(changes)).toEqual(expected)
  })

  const doubted = (outcome: 'accept' | 'absent', sentAt = T0) =>
    work({ events: ['send', 'doubt', outcome].map((kind, index) => ({ kind, at: sentAt + index * 100, attempt: 'a1' as AttemptId })) })

  it.each<[string, number, StoredWork, number]>([
    ['counts a kill between the sending and the doubt, of what the site had', T0 + 50, doubted('accept'), 1],
    ['does not count one before', T0 - 1, doubted('accept'), 0],
    ['nor one after the doubt', T0 + 100, doubted('accept'), 0],
    ['nor one of a request that never arrived', T0 + 50, doubted('absent'), 0],
  ])('%s', (_, at, one, expected) => {
    expect(judge(evidence({ kills: [at], works: [one] })).figures).toMatchObject({
      killsInOpenSubmissions: expected,
      openSubmissions: expected,
    })
  })

  /** What is wrong with so many kills, one a second, of which the first ones hit an open submission each. */
  const killed = (kills: number, hits: number) => {
    const seconds = Array.from({ length: kills }, (_, second) => T0 + second * 1_000)
    const works = seconds.slice(0, hits).map(sentAt => doubted('accept', sentAt))
    return judge(evidence({ kills: seconds.map(at => at + 50), works: hits === 0 ? [work()] : works })).violations
  }

  it.each<[string, number, number]>([
    ['30 kills with 10 in open submissions', 30, 10],
    ['30 kills, all of them there', 30, 30],
    ['200 kills with a third there', 200, 66],
    ['3 kills with one there', 3, 1],
    ['a single kill there', 1, 1],
  ])('holds with %s', (_, kills, hits) => {
    expect(killed(kills, hits)).toEqual([])
  })

  it.each<[string, number, number, string]>([
    ['30 kills with 9 in open submissions', 30, 9, 'only 9 of 30 kills hit an open submission; at least 10 must'],
    ['200 kills with 65 there', 200, 65, 'only 65 of 200 kills hit an open submission; at least 66 must'],
    ['two kills with none there', 2, 0, 'only 0 of 2 kills hit an open submission; at least 1 must'],
  ])('does not hold with %s: it shows too little', (_, kills, hits, detail) => {
    expect(killed(kills, hits)).toEqual([{ kind: 'too few hits', detail }])
  })
})
