import { describe, expect, it } from 'vitest'
import {
  accepted,
  ambiguous,
  applyAll,
  attemptId,
  ended,
  placed,
  running,
  siteWith,
  submitting,
  T0,
  TRACKING,
  tracked,
  viewOf,
} from '../test/tracking-builders.ts'
import type { Attempt } from './attempt.ts'
import { plan } from './plan.ts'
import type { Plan, SiteView, TrackedAttempt } from './tracking.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
const at = T0
const SWEPT = { startedAt: T0, endedAt: T0 + 10, complete: true, view: 'MINIMAL' } as const
const CANCELLED = { cancelRequestedAt: T0 }
const RERUNNABLE = { rerunnable: true }
const ONE_HOUR = { maxRunMs: HOUR }
const TWO_HOURS_HERE = { site: siteWith('bielefeld', { capacity: { maxRunMs: 2 * HOUR } }), lastSweep: undefined, sweeping: true }

/** The site has just answered, so only the row's own matter is due; `after` is ms since the world began. */
const planAt = (after: number, attempts: readonly TrackedAttempt[], changes: Partial<SiteView> = {}): Plan =>
  plan(viewOf(attempts, { now: T0 + after, ...changes }))
const tell = ({ actions }: Plan): readonly string[] =>
  actions.map(action => {
    if (action.kind === 'sweep') return `sweep ${action.view}`
    return action.kind === 'apply' ? `${action.event.kind} ${action.attempt}` : `${action.kind} ${action.attempt}`
  })

const candidate = (state: 'COMPLETE' | 'SYSTEM_ERROR'): Attempt => applyAll(running(), { kind: 'see', at, state })
const stale = (): Attempt => applyAll(running(), { kind: 'silence', at: T0 + 2 * MINUTE })
const lost = (): Attempt => applyAll(stale(), { kind: 'lose', at: T0 + HOUR })
const cancelling = (sentAfter: number): Attempt =>
  applyAll(running(), { kind: 'wantCancel', at }, { kind: 'cancelSent', at: T0 + sentAfter })
const overrun = (): Attempt => applyAll(running(), { kind: 'overrun', at: T0 + HOUR, limitMs: HOUR, setBy: 'task' })
const SILENT = { lastAnswerAt: T0 }

type Row = readonly [sentence: string, planned: Plan, expected: readonly string[]]
const ROWS: readonly Row[] = [
  ['what is placed is offered', planAt(0, [tracked(placed())]), ['offer a1']],
  ['an intent that a crash left behind is offered', planAt(0, [tracked(applyAll(placed(), { kind: 'intend', at }))]), ['offer a1']],
  [
    'nothing is offered while submissions may not be sent',
    planAt(0, [tracked(placed())], { may: { submit: false, list: true, get: true, cancel: true } }),
    [],
  ],
  [
    'offers keep to the window, oldest first',
    planAt(
      0,
      [
        tracked(placed({ id: 'b' })),
        tracked(placed({ id: 'a' })),
        tracked(placed({ id: 'old', at: T0 - 1 })),
        tracked(accepted({ id: 'idle' })),
        tracked(running({ id: 'r' })),
      ],
      { window: 3 },
    ),
    ['offer old', 'offer a'],
  ],
  [
    'a submission under way takes its room',
    planAt(0, [tracked(placed()), tracked(submitting({ id: 'a2' }))], { window: 1, inFlight: new Set([attemptId('a2')]) }),
    [],
  ],
  ['a cancelled task is not offered', planAt(0, [tracked(placed(), CANCELLED)]), ['withdrawUnsent a1']],
  [
    'a draining site gets nothing new',
    planAt(0, [tracked(placed())], { site: siteWith('bielefeld', { draining: true }) }),
    ['withdrawUnsent a1'],
  ],
  ['what could not be sent for long is placed anew', planAt(2 * MINUTE, [tracked(placed())]), ['withdrawUnsent a1']],
  ['a submission that nobody sends is in doubt', planAt(0, [tracked(submitting())]), ['doubt a1']],
  ['a submission that somebody sends is left alone', planAt(0, [tracked(submitting())], { inFlight: new Set([attemptId('a1')]) }), []],
  ['the first sweep under a lease shows tags', planAt(0, [], { lastSweep: undefined }), ['sweep BASIC']],
  ['a sweep is due after its time', planAt(30_000, [], { lastSweep: SWEPT }), ['sweep MINIMAL']],
  ['and not before', planAt(29_999, [], { lastSweep: SWEPT }), []],
  ['no two sweeps at once', planAt(HOUR, [], { lastSweep: SWEPT, sweeping: true }), []],
  ['unknown ids are looked into at once', planAt(10, [], { lastSweep: SWEPT, unknownIds: true }), ['sweep BASIC']],
  ['a doubt waits for the settle time', planAt(20_000, [tracked(ambiguous())], { lastSweep: SWEPT }), []],
  ['a sweep before the settle time shows tags as well', planAt(30_000, [tracked(ambiguous())], { lastSweep: SWEPT }), ['sweep BASIC']],
  [
    'a doubt that has settled is looked into at once',
    planAt(MINUTE, [tracked(ambiguous())], { lastSweep: { ...SWEPT, startedAt: T0 + 59_000, endedAt: T0 + 59_010 } }),
    ['sweep BASIC'],
  ],
  [
    'one that failed slowly does not make the next wait longer',
    planAt(MINUTE, [], { lastSweep: { ...SWEPT, startedAt: T0 + 30_000, endedAt: T0 + 59_000, complete: false } }),
    ['sweep MINIMAL'],
  ],
  [
    'a sweep that failed is not repeated at once',
    planAt(MINUTE, [tracked(ambiguous())], { lastSweep: { ...SWEPT, startedAt: T0 + 59_000, endedAt: T0 + 59_010, complete: false } }),
    [],
  ],
  [
    'a doubt that one sweep confirmed is looked into again a little later',
    planAt(MINUTE + 5000, [tracked(applyAll(ambiguous(), { kind: 'absent', at: T0 + MINUTE, settleMs: 5000 }))], {
      lastSweep: { ...SWEPT, startedAt: T0 + MINUTE, endedAt: T0 + MINUTE },
    }),
    ['sweep BASIC'],
  ],
  [
    'and not sooner',
    planAt(MINUTE + 4999, [tracked(applyAll(ambiguous(), { kind: 'absent', at: T0 + MINUTE, settleMs: 5000 }))], {
      lastSweep: { ...SWEPT, startedAt: T0 + MINUTE, endedAt: T0 + MINUTE },
    }),
    [],
  ],
  ['slow sweeps are spaced out', planAt(99_999, [], { lastSweep: { ...SWEPT, endedAt: T0 + 10_000 } }), []],
  ['a young task is looked at after one second', planAt(1000, [tracked(accepted(), { askedAt: 0 })]), ['look a1']],
  ['and again after two', planAt(2000, [tracked(accepted(), { askedAt: T0 + 1000 })]), ['look a1']],
  [
    'under a new lease no task is looked at whose looks were due before it',
    planAt(HOUR, [tracked(running(), { askedAt: 0 })], { lastAnswerAt: 0, leaseSince: T0 + HOUR }),
    [],
  ],
  [
    'under a new lease a task that is young still is looked at when the next look is due',
    planAt(8000, [tracked(accepted(), { askedAt: 0 })], { lastAnswerAt: 0, leaseSince: T0 + 5000 }),
    ['look a1'],
  ],
  ['and not between', planAt(1999, [tracked(accepted(), { askedAt: T0 + 1000 })]), []],
  ['an old task is left to the sweep', planAt(17_000, [tracked(accepted(), { askedAt: T0 + 16_000 })]), []],
  ['a candidate is read', planAt(0, [tracked(candidate('COMPLETE'))]), ['read a1']],
  ['a read that failed is repeated later', planAt(2999, [tracked(candidate('COMPLETE'), { reads: 2, askedAt: T0 + 1000 })]), []],
  ['after twice the time', planAt(3000, [tracked(candidate('COMPLETE'), { reads: 2, askedAt: T0 + 1000 })]), ['read a1']],
  [
    'a bad end is read again after a while',
    planAt(4999, [tracked(applyAll(running(), { kind: 'confirm', at, state: 'SYSTEM_ERROR', detail: 'x' }))]),
    [],
  ],
  [
    'and not before',
    planAt(5000, [tracked(applyAll(running(), { kind: 'confirm', at, state: 'SYSTEM_ERROR', detail: 'x' }))]),
    ['read a1'],
  ],
  [
    'a suspect is looked at after a sweep’s time',
    planAt(30_000, [tracked(applyAll(running(), { kind: 'vanish', at }), { askedAt: 0 })]),
    ['look a1'],
  ],
  [
    'reads go before looks, within what the site allows',
    planAt(1000, [tracked(accepted({ id: 'a2' }), { askedAt: 0 }), tracked(candidate('COMPLETE'))], {
      site: siteWith('bielefeld', { limits: { requestsPerSecond: 1, maxIdleTasks: 20, maxDocumentBytes: 1 } }),
    }),
    ['read a1'],
  ],
  ['a cancel is wanted first', planAt(0, [tracked(running(), CANCELLED)]), ['wantCancel a1']],
  ['and then sent', planAt(0, [tracked(applyAll(running(), { kind: 'wantCancel', at }), CANCELLED)]), ['withdraw a1']],
  ['a cancel is repeated', planAt(1000, [tracked(cancelling(0), CANCELLED)]), ['withdraw a1']],
  ['after twice the time', planAt(79_999, [tracked(cancelling(40_000), CANCELLED)]), []],
  ['but at least every five minutes', planAt(1000_000 + 300_000, [tracked(cancelling(1_000_000), CANCELLED)]), ['withdraw a1']],
  ['what has run for as long as it may is cancelled', planAt(HOUR, [tracked(running(), ONE_HOUR)], { sweeping: true }), ['overrun a1']],
  ['and not before', planAt(HOUR - 1, [tracked(running(), ONE_HOUR)], { sweeping: true }), []],
  ['the site has a limit of its own', planAt(2 * HOUR, [tracked(running())], TWO_HOURS_HERE), ['overrun a1']],
  ['the shorter of the two counts', planAt(HOUR, [tracked(running(), ONE_HOUR)], TWO_HOURS_HERE), ['overrun a1']],
  ['whoever set it', planAt(2 * HOUR, [tracked(running(), { maxRunMs: 3 * HOUR })], TWO_HOURS_HERE), ['overrun a1']],
  ['the time in a queue does not count', planAt(2 * HOUR, [tracked(accepted(), ONE_HOUR)], { sweeping: true }), []],
  ['of what a silent site does nothing is known', planAt(2 * HOUR, [tracked(stale(), ONE_HOUR)], SILENT), ['lose a1']],
  [
    'a cancelled task is not judged',
    planAt(HOUR, [tracked(cancelling(1), { ...CANCELLED, ...ONE_HOUR })], { may: { submit: true, list: false, get: true, cancel: false } }),
    [],
  ],
  ['what has run too long is cancelled at the site', planAt(HOUR, [tracked(overrun(), ONE_HOUR)], { sweeping: true }), ['withdraw a1']],
  [
    'what has run too long is not run again, even if it may run twice',
    planAt(9 * HOUR, [tracked(applyAll(overrun(), { kind: 'silence', at }, { kind: 'lose', at }), RERUNNABLE)], {
      ...SILENT,
      sweeping: true,
    }),
    ['withdraw a1'],
  ],
  ['a site that has said nothing for long is silent', planAt(2 * MINUTE, [tracked(running())], SILENT), ['silence a1']],
  [
    'a site that is left in peace because its listing took long is not silent meanwhile',
    planAt(4 * MINUTE, [tracked(running())], { lastAnswerAt: T0 + 30_000, lastSweep: { ...SWEPT, endedAt: T0 + 30_000 } }),
    [],
  ],
  [
    'and is silent once its next listing got no answer in time',
    planAt(8 * MINUTE, [tracked(running())], {
      lastAnswerAt: T0 + 30_000,
      lastSweep: { ...SWEPT, endedAt: T0 + 30_000 },
      sweeping: true,
    }),
    ['silence a1'],
  ],
  ['a new lease gives it time to answer', planAt(2 * MINUTE, [tracked(running())], { lastAnswerAt: 0, leaseSince: T0 + 1 }), []],
  ['a silent site is lost after its time', planAt(HOUR, [tracked(stale())], SILENT), ['lose a1']],
  [
    'a new lease does not begin that time anew',
    planAt(2 * HOUR, [tracked(stale())], { lastAnswerAt: 0, leaseSince: T0 + HOUR }),
    ['lose a1'],
  ],
  ['a lost task that may run twice is given up', planAt(HOUR, [tracked(lost(), RERUNNABLE)], SILENT), ['giveUp a1']],
  ['one that may not is kept', planAt(HOUR, [tracked(lost())], SILENT), []],
  ['a cancelled one is cancelled', planAt(HOUR, [tracked(lost(), { ...RERUNNABLE, ...CANCELLED })], SILENT), ['wantCancel a1']],
  [
    'a doubt at a site that stays silent is given up as well',
    planAt(HOUR, [tracked(ambiguous(), RERUNNABLE)], SILENT),
    ['giveUp a1', 'sweep BASIC'],
  ],
  [
    'what is given up is cancelled',
    planAt(HOUR, [tracked(applyAll(lost(), { kind: 'giveUp', at, detail: 'x' }), RERUNNABLE)], SILENT),
    ['withdraw a1'],
  ],
  [
    'what is over needs nothing',
    planAt(HOUR, [tracked(ended('COMPLETE'), CANCELLED)], { lastSweep: { ...SWEPT, startedAt: T0 + HOUR, endedAt: T0 + HOUR } }),
    [],
  ],
]

describe('plan', () => {
  it.each(ROWS)('%s', (_, planned, expected) => {
    expect(tell(planned)).toEqual(expected)
  })

  it.each([
    ['a look that will be due', planAt(100, [tracked(accepted(), { askedAt: 0 })]), T0 + 1000],
    [
      'the settle time of a doubt',
      planAt(50_000, [tracked(ambiguous())], { lastSweep: { ...SWEPT, startedAt: T0 + 50_000, endedAt: T0 + 50_000 } }),
      T0 + TRACKING.settleMs,
    ],
    ['the end of the time that a run may take', planAt(100, [tracked(running(), { maxRunMs: 5000 })], { lastSweep: SWEPT }), T0 + 5000],
    ['the next sweep', planAt(100, [], { lastSweep: SWEPT }), T0 + 30_000],
    [
      'a request that had to wait for the limit',
      planAt(
        1000,
        ['b', 'c'].map(id => tracked(accepted({ id }), { askedAt: 0 })),
        { site: siteWith('bielefeld', { limits: { requestsPerSecond: 1, maxIdleTasks: 20, maxDocumentBytes: 1 } }) },
      ),
      T0 + 2000,
    ],
  ])('plans again for %s', (_, planned, nextAt) => {
    expect(planned.nextAt).toBe(nextAt)
  })
})
