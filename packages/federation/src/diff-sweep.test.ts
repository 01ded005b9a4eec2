import { describe, expect, it } from 'vitest'
import {
  accepted,
  ambiguous,
  applyAll,
  attemptId,
  ended,
  running,
  siteTaskId,
  submitting,
  sweepOf,
  T0,
  TRACKING,
  tracked,
  viewOf,
  workId,
} from '../test/tracking-builders.ts'
import type { Attempt } from './attempt.ts'
import { diffSweep } from './diff-sweep.ts'
import type { SiteView, SweepDiff, SweepEntry, SweepResult } from './tracking.ts'

const now = T0 + 100_500
const at = T0 + 1000

const entry = (id: string, state: SweepEntry['state'], attempt?: string): SweepEntry => ({
  siteTaskId: siteTaskId(id),
  state,
  tag: attempt === undefined ? undefined : { work: workId('w1'), attempt: attemptId(attempt) },
})
const diff = (
  attempts: readonly Attempt[],
  entries: readonly SweepEntry[],
  sweep: Partial<SweepResult> = {},
  view: Partial<SiteView> = {},
  known: readonly string[] = [],
): SweepDiff =>
  diffSweep(
    viewOf(
      attempts.map(attempt => tracked(attempt)),
      { now, ...view },
    ),
    sweepOf(entries, sweep),
    new Set(known.map(siteTaskId)),
  )
/** Events as `attempt kind state`, tasks to reap as `id: reason`. */
const tell = ({ events, reap }: SweepDiff): readonly string[] => [
  ...events.map(({ attempt, event }) =>
    [attempt, event.kind, ...('state' in event ? [event.state] : []), ...('siteTaskId' in event ? [event.siteTaskId] : [])].join(' '),
  ),
  ...reap.map(({ siteTaskId: id, reason }) => `reap ${id}: ${reason}`),
]

const absent = (): Attempt => applyAll(ambiguous(), { kind: 'absent', at, settleMs: 5 }, { kind: 'absent', at, settleMs: 5 })
const many = (count: number): readonly Attempt[] => Array.from({ length: count }, (_, index) => running({ id: `a${index + 10}` }))
const MINIMAL = { view: 'MINIMAL' } as const

type Row = readonly [sentence: string, found: SweepDiff, expected: readonly string[]]
const ROWS: readonly Row[] = [
  ['news are told', diff([running()], [entry('site-a1', 'COMPLETE')]), ['a1 see COMPLETE']],
  ['nothing new is nothing told', diff([running()], [entry('site-a1', 'RUNNING')]), []],
  ['a step back is nothing new', diff([running()], [entry('site-a1', 'QUEUED')]), []],
  [
    'a silent task that is listed again is told',
    diff([applyAll(running(), { kind: 'silence', at })], [entry('site-a1', 'RUNNING')]),
    ['a1 see RUNNING'],
  ],
  [
    'a task on two pages counts once, further advanced',
    diff([accepted()], [entry('site-a1', 'RUNNING'), entry('site-a1', 'QUEUED')]),
    ['a1 see RUNNING'],
  ],
  ['what was seen since the sweep began is fresher', diff([running({ at: T0 + 100_200 })], [entry('site-a1', 'COMPLETE')]), []],
  ['a task of ours that is not listed has vanished', diff([running()], []), ['a1 vanish']],
  ['an incomplete sweep proves nothing', diff([running(), ambiguous({ id: 'a2' })], [], { complete: false }), []],
  ['what was accepted since the sweep began need not be listed', diff([accepted({ at: T0 + 100_000 })], []), []],
  ['a task that is being asked about has not vanished', diff([running()], [], {}, { inFlight: new Set([attemptId('a1')]) }), []],
  ['a suspect is settled by a look, not by a second sweep', diff([applyAll(running(), { kind: 'vanish', at })], []), []],
  ['a submission in doubt is adopted by its tag', diff([ambiguous()], [entry('x', 'RUNNING', 'a1')]), ['a1 accept x', 'a1 see RUNNING']],
  [
    'an adoption needs neither the settle time nor all pages',
    diff([ambiguous()], [entry('x', 'QUEUED', 'a1')], { startedAt: at, complete: false }),
    ['a1 accept x', 'a1 see QUEUED'],
  ],
  [
    'of two copies the further advanced is kept',
    diff([ambiguous()], [entry('x', 'QUEUED', 'a1'), entry('y', 'RUNNING', 'a1')]),
    ['a1 accept y', 'a1 see RUNNING', 'reap x: It is a second copy of an attempt.'],
  ],
  [
    'of two equal copies the smaller id is kept',
    diff([ambiguous()], [entry('y', 'QUEUED', 'a1'), entry('x', 'QUEUED', 'a1')]),
    ['a1 accept x', 'a1 see QUEUED', 'reap y: It is a second copy of an attempt.'],
  ],
  [
    'a second copy of what is followed is reaped',
    diff([running()], [entry('site-a1', 'RUNNING', 'a1'), entry('x', 'QUEUED', 'a1')]),
    ['reap x: It is a second copy of an attempt.'],
  ],
  ['a doubt that a full sweep does not show is counted', diff([ambiguous()], []), ['a1 absent']],
  [
    'a second listing right after the first proves nothing, not even to another replica',
    diff([applyAll(ambiguous(), { kind: 'absent', at: T0 + 99_000, settleMs: 5000 })], []),
    [],
  ],
  [
    'a second listing a while later does',
    diff([applyAll(ambiguous(), { kind: 'absent', at: T0 + 95_000, settleMs: 5000 })], []),
    ['a1 absent'],
  ],
  ['not by a sweep that began before the settle time', diff([ambiguous()], [], { startedAt: T0 + TRACKING.settleMs - 1 }), []],
  ['not by a sweep without tags', diff([ambiguous()], [], MINIMAL), []],
  [
    'a submission under way is left alone',
    diff([submitting()], [entry('x', 'QUEUED', 'a1')], {}, { inFlight: new Set([attemptId('a1')]) }),
    [],
  ],
  ['a late arrival is reaped', diff([absent()], [entry('x', 'QUEUED', 'a1')]), ['reap x: It arrived after its attempt was over.']],
  ['a late arrival that is over already is left', diff([absent()], [entry('x', 'CANCELED', 'a1')]), []],
  [
    'a tag of ours that nobody knows is reaped',
    diff([], [entry('x', 'RUNNING', 'a7')]),
    ['reap x: It bears our tag, and nobody waits for it.'],
  ],
  [
    'a task that runs on after its end is reaped',
    diff([ended('CANCELED')], [entry('site-a1', 'RUNNING')]),
    ['reap site-a1: Its attempt is over, and the site runs it on.'],
  ],
  [
    'an end since the sweep began is fresher than the page',
    diff([ended('COMPLETE', { at: T0 + 100_200 })], [entry('site-a1', 'RUNNING')]),
    [],
  ],
  [
    'a site that uses an id again has not kept our task',
    diff([running()], [entry('site-a1', 'QUEUED', 'a9')]),
    ['a1 vanish', 'reap site-a1: It bears our tag, and nobody waits for it.'],
  ],
  ['other people’s tasks are left alone', diff([], [entry('x', 'RUNNING')]), []],
  ['four of four may vanish', diff(many(4), []), ['a10 vanish', 'a11 vanish', 'a12 vanish', 'a13 vanish']],
  ['five of five are not believed', diff(many(5), []), []],
  [
    'five of five are believed after as long as makes a site lost',
    diff(many(5), [], {}, { quarantinedSince: now - TRACKING.lostAfterMs }),
    ['a10 vanish', 'a11 vanish', 'a12 vanish', 'a13 vanish', 'a14 vanish'],
  ],
]

describe('diffSweep', () => {
  it.each(ROWS)('%s', (_, found, expected) => {
    expect(tell(found)).toEqual(expected)
  })

  it('does not count a doubt by a sweep that is not believed', () => {
    const found = diff([...many(5), ambiguous()], [])
    expect(found).toMatchObject({ quarantined: true, events: [] })
  })

  it('believes five of twenty-five that vanish', () => {
    const all = many(25)
    const found = diff(
      all,
      all.slice(5).map(({ id }) => entry(`site-${id}`, 'RUNNING')),
    )
    expect(found).toMatchObject({ quarantined: false })
    expect(tell(found)).toHaveLength(5)
  })

  it('asks for tags when a listing without them shows an id that nobody knows', () => {
    expect(diff([running()], [entry('site-a1', 'RUNNING'), entry('x', 'QUEUED')], MINIMAL)).toMatchObject({ unknownIds: true })
    expect(diff([running()], [entry('site-a1', 'RUNNING'), entry('x', 'QUEUED')], MINIMAL, {}, ['x'])).toMatchObject({ unknownIds: false })
  })

  it('keeps the ids that it understands, and forgets those that a complete listing no longer shows', () => {
    const entries = [
      entry('site-a1', 'RUNNING'),
      entry('foreign', 'RUNNING'),
      entry('old', 'COMPLETE', 'a7'),
      entry('late', 'RUNNING', 'a8'),
    ]
    expect([...diff([running()], entries, {}, {}, ['gone']).understood]).toEqual(['site-a1', 'foreign', 'old'])
    expect([...diff([running()], entries, { complete: false }, {}, ['gone']).understood]).toEqual(['gone', 'site-a1', 'foreign', 'old'])
  })
})
