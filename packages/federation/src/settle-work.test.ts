import type { TesState } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { accepted, ambiguous, applyAll, ended, placed, running, siteTaskId, submitting, T0, workId } from '../test/tracking-builders.ts'
import type { Attempt, RejectionKind } from './attempt.ts'
import { settleWork } from './settle-work.ts'
import type { SettledWork, WorkFate } from './tracking.ts'

const at = T0 + 1000
const HOUR = 3_600_000
const RULES = { maxRetries: 3, lostAfterMs: HOUR }
const CANCELLED: Partial<SettledWork> = { cancelRequestedAt: at }

const rejected = (rejection: RejectionKind, changes: Parameters<typeof submitting>[0] = {}): Attempt =>
  applyAll(submitting(changes), { kind: 'reject', at, rejection, detail: `answered\n${rejection}` })
const absent = (changes: Parameters<typeof submitting>[0] = {}): Attempt =>
  applyAll(ambiguous(changes), { kind: 'absent', at, settleMs: 5 }, { kind: 'absent', at, settleMs: 5 })
const missing = (before: Attempt): Attempt => applyAll(before, { kind: 'vanish', at }, { kind: 'vanish', at })
const lost = (): Attempt => applyAll(running(), { kind: 'silence', at }, { kind: 'lose', at })
const cancelling = (): Attempt => applyAll(running(), { kind: 'wantCancel', at }, { kind: 'cancelSent', at })
const overrun = (setBy: 'task' | 'site' = 'task'): Attempt => applyAll(running(), { kind: 'overrun', at, limitMs: 2 * HOUR, setBy })
const confirmed = (before: Attempt, state: 'CANCELED' | 'COMPLETE' | 'EXECUTOR_ERROR' | 'SYSTEM_ERROR'): Attempt => {
  const once = applyAll(before, { kind: 'confirm', at, state, detail: `the site said ${state}` })
  return once.state === 'TERMINAL' ? once : applyAll(once, { kind: 'confirm', at, state, detail: `the site said ${state}` })
}
const TOO_LONG =
  'RUN_TOO_LONG: attempt 1 at site bielefeld has reached the limit of 2 h that the task set (portolan_max_runtime), so the broker cancels it. ' +
  'Set a higher one, or split the task.'
const linked = (): Attempt =>
  applyAll(
    placed(),
    { kind: 'intend', at: T0, linkHosts: ['drs.example.org'], linksUntil: T0 + HOUR / 2 },
    { kind: 'send', at: T0 },
    { kind: 'accept', at: T0, siteTaskId: siteTaskId('s') },
  )
const ENDS_SOON =
  'Attempt 1 at site bielefeld reads inputs by addresses of DRS servers, of which the first ends at 2026-09-21T14:43:20Z, 30 min after it was sent: ' +
  'what is not read by then cannot be read.'
const unsent = (): Attempt => applyAll(placed(), { kind: 'withdrawUnsent', at, detail: 'x' })

const failedAt = (...sites: readonly string[]): readonly Attempt[] =>
  sites.map((site, index) => ended('SYSTEM_ERROR', { id: `a${index + 1}`, site, number: index + 1 }))

/** Parts of a fate; sites and attempts by their plain names. */
type Fate = Readonly<Partial<Record<keyof WorkFate, unknown>>>
type Row = readonly [sentence: string, work: Partial<SettledWork>, attempts: readonly Attempt[], expected: Fate, now?: number]

const ROWS: readonly Row[] = [
  ['a new task wants a place', {}, [], { state: 'QUEUED', next: 'place', notes: [] }],
  ['a placed task is queued', {}, [placed()], { state: 'QUEUED', next: 'wait', notes: [] }],
  ['what runs is shown as running', {}, [running()], { state: 'RUNNING', next: 'wait' }],
  ['a candidate is not shown yet', {}, [applyAll(running(), { kind: 'see', at, state: 'COMPLETE' })], { state: 'RUNNING', next: 'wait' }],
  ['a confirmed end is the end', {}, [ended('COMPLETE')], { state: 'COMPLETE', terminal: true, next: 'done', notes: [] }],
  ['the tool’s own failure is never tried again', {}, [ended('EXECUTOR_ERROR')], { state: 'EXECUTOR_ERROR', next: 'done', failures: 0 }],
  [
    'a failure of the site is tried elsewhere',
    { state: 'RUNNING' },
    [ended('SYSTEM_ERROR')],
    { state: 'RUNNING', next: 'place', triedSites: ['bielefeld'], failures: 1 },
  ],
  [
    'a preempted task is tried elsewhere and never shown so',
    { state: 'RUNNING' },
    [ended('PREEMPTED')],
    { state: 'RUNNING', next: 'place', failures: 1 },
  ],
  ['three retries may be used', {}, failedAt('a', 'b', 'c'), { next: 'place', failures: 3 }],
  [
    'a fourth failure is the last',
    {},
    failedAt('a', 'b', 'c', 'd'),
    { state: 'SYSTEM_ERROR', next: 'done', triedSites: ['a', 'b', 'c', 'd'] },
  ],
  [
    'a refused document ends the task with the words of the site',
    {},
    [rejected('document')],
    { state: 'SYSTEM_ERROR', next: 'done', notes: ['Attempt 1 at site bielefeld ended REJECTED: answered document'] },
  ],
  [
    'a refused credential is nothing against the task: it may go there again',
    {},
    [rejected('auth')],
    { next: 'place', triedSites: [], failures: 0 },
  ],
  [
    'a credential that is refused again and again uses up no retry and takes one line',
    {},
    [1, 2, 3, 4, 5].map(number => rejected('auth', { id: `a${number}`, number })),
    { next: 'place', failures: 0, notes: ['Attempts 1 to 5 at site bielefeld ended REJECTED: answered auth'] },
  ],
  [
    'a cancel ends a task whose site refuses the credential',
    { cancelRequestedAt: at },
    [rejected('auth')],
    { state: 'CANCELED', next: 'done' },
  ],
  ['a busy site may be asked again', {}, [rejected('busy')], { next: 'place', triedSites: [], failures: 0 }],
  ['a site that could not be reached may be asked again', {}, [rejected('unsent')], { next: 'place', triedSites: [], failures: 0 }],
  [
    'offers that were not taken share a line',
    {},
    [rejected('busy'), rejected('busy', { id: 'a2', number: 2 })],
    { notes: ['Attempts 1 to 2 at site bielefeld ended REJECTED: answered busy'] },
  ],
  [
    'what never arrived is sent to the same site first',
    {},
    [absent()],
    { next: 'place', resendTo: 'bielefeld', triedSites: [], failures: 0 },
  ],
  [
    'what never arrived twice is tried elsewhere',
    {},
    [absent(), absent({ id: 'a2', number: 2 })],
    { next: 'place', triedSites: ['bielefeld'], failures: 1 },
  ],
  ['a doubt holds everything', {}, [ambiguous()], { next: 'wait', state: 'QUEUED' }],
  ['a lost task that may not run twice waits', { state: 'RUNNING' }, [lost()], { next: 'wait', state: 'RUNNING' }],
  [
    'a lost task that was given up is tried elsewhere',
    { state: 'RUNNING', rerunnable: true },
    [applyAll(lost(), { kind: 'giveUp', at, detail: 'x' })],
    { next: 'place', state: 'RUNNING', triedSites: ['bielefeld'] },
  ],
  ['a task forgotten before it ran is tried elsewhere', {}, [missing(accepted())], { next: 'place', failures: 1 }],
  ['a task forgotten while it ran ends', {}, [missing(running())], { state: 'SYSTEM_ERROR', next: 'done' }],
  [
    'a task forgotten while it ran is tried elsewhere if it may run twice',
    { rerunnable: true },
    [missing(running())],
    { next: 'place', failures: 1 },
  ],
  [
    'a second attempt does not show the queue again',
    { state: 'RUNNING' },
    [ended('SYSTEM_ERROR'), accepted({ id: 'a2', number: 2, site: 'surf' })],
    { state: 'RUNNING', next: 'wait', counts: 'a2' },
  ],
  ['a cancel before any attempt is the end', CANCELLED, [], { state: 'CANCELED', next: 'done' }],
  ['a cancel of what was never sent is the end', CANCELLED, [unsent()], { state: 'CANCELED', next: 'done' }],
  ['a withdrawal without a cancel is placed anew', {}, [unsent()], { next: 'place', failures: 0, triedSites: [] }],
  [
    'a cancel shows the last state until the site confirms',
    { ...CANCELLED, state: 'RUNNING' },
    [cancelling()],
    { state: 'RUNNING', next: 'wait' },
  ],
  [
    'the first confirmation ends the task',
    CANCELLED,
    [applyAll(cancelling(), { kind: 'confirm', at, state: 'CANCELED', detail: 'x' })],
    { state: 'CANCELED', next: 'done' },
  ],
  ['a finish that was faster than the cancel counts', CANCELLED, [ended('COMPLETE')], { state: 'COMPLETE', next: 'done' }],
  ['a cancelled task is not tried elsewhere', CANCELLED, [ended('SYSTEM_ERROR')], { state: 'CANCELED', next: 'done' }],
  ['a cancelled task that never arrived is over', CANCELLED, [absent()], { state: 'CANCELED', next: 'done' }],
  ['a silent site is waited for', CANCELLED, [lost()], { next: 'wait', nextAt: at + HOUR }, at + HOUR - 1],
  ['a cancel that a silent site never confirms is shown all the same', CANCELLED, [lost()], { state: 'CANCELED', next: 'done' }, at + HOUR],
  [
    'a site that answers is waited for however long',
    { ...CANCELLED, state: 'RUNNING' },
    [cancelling()],
    { state: 'RUNNING', next: 'wait' },
    at + 9 * HOUR,
  ],
  ['an end that is shown stays', { state: 'COMPLETE' }, [running()], { state: 'COMPLETE', next: 'done' }],
  [
    'a run that was too long is shown as running until the site confirms',
    { state: 'RUNNING', rerunnable: true },
    [overrun()],
    { state: 'RUNNING', next: 'wait', notes: [TOO_LONG] },
  ],
  [
    'a run that was too long ends the task with the limit and the fix',
    { state: 'RUNNING', rerunnable: true },
    [confirmed(overrun(), 'CANCELED')],
    {
      state: 'SYSTEM_ERROR',
      next: 'done',
      failures: 0,
      notes: [TOO_LONG, 'Attempt 1 at site bielefeld ended CANCELED: the site said CANCELED'],
    },
  ],
  [
    'the limit of the site is told as such',
    {},
    [confirmed(overrun('site'), 'CANCELED')],
    {
      state: 'SYSTEM_ERROR',
      notes: [
        'RUN_TOO_LONG: attempt 1 at site bielefeld has reached the limit of 2 h of the site (capacity.maxRunHours), so the broker cancels it. ' +
          'Say in portolan_max_runtime how long it needs, so that only sites that allow it are chosen, or split the task.',
        'Attempt 1 at site bielefeld ended CANCELED: the site said CANCELED',
      ],
    },
  ],
  [
    'a failure of the site on the way is not tried elsewhere',
    {},
    [confirmed(overrun(), 'SYSTEM_ERROR')],
    { state: 'SYSTEM_ERROR', next: 'done' },
  ],
  [
    'what was forgotten after it ran too long is not either',
    { rerunnable: true },
    [missing(overrun())],
    { state: 'SYSTEM_ERROR', next: 'done' },
  ],
  ['an address that ends soon is told while it is waited for', {}, [linked()], { state: 'QUEUED', next: 'wait', notes: [ENDS_SOON] }],
  [
    'an address that ended soon is told beside the failure',
    {},
    [confirmed(linked(), 'SYSTEM_ERROR')],
    { next: 'place', notes: [ENDS_SOON, 'Attempt 1 at site bielefeld ended SYSTEM_ERROR: the site said SYSTEM_ERROR'] },
  ],
  ['an address that was enough says nothing', {}, [confirmed(linked(), 'COMPLETE')], { state: 'COMPLETE', notes: [] }],
  ['a finish that was faster than the limit counts', {}, [confirmed(overrun(), 'COMPLETE')], { state: 'COMPLETE', next: 'done' }],
  ['the tool’s own failure on the way counts', {}, [confirmed(overrun(), 'EXECUTOR_ERROR')], { state: 'EXECUTOR_ERROR', next: 'done' }],
  ['a cancel by the user after that is shown as one', CANCELLED, [confirmed(overrun(), 'CANCELED')], { state: 'CANCELED', next: 'done' }],
  [
    'a silent site is given its time to confirm it',
    { state: 'RUNNING' },
    [applyAll(overrun(), { kind: 'silence', at })],
    { state: 'RUNNING', next: 'wait', nextAt: at + HOUR },
  ],
  [
    'and then the task ends',
    { state: 'RUNNING' },
    [applyAll(overrun(), { kind: 'silence', at })],
    { state: 'SYSTEM_ERROR', next: 'done' },
    at + HOUR,
  ],
  ['a cancel by the site is the end', {}, [ended('CANCELED')], { state: 'CANCELED', next: 'done' }],
  [
    'a silent site is told in one line',
    {},
    [applyAll(running(), { kind: 'silence', at: 1_795_330_920_000 })],
    { notes: ['Site bielefeld has not answered since 2026-11-22T07:02:00Z; RUNNING is the last state it showed.'] },
  ],
]

describe('settleWork', () => {
  it.each(ROWS.map(row => [row[0], row] as const))('%s', (_, [, work, attempts, expected, now = at]) => {
    const whole: SettledWork = { id: workId('w1'), state: 'QUEUED' satisfies TesState, rerunnable: false, ...work }
    const fate = settleWork(whole, attempts, RULES, now)
    expect(fate).toMatchObject(expected)
    expect(settleWork(whole, attempts.toReversed(), RULES, now)).toEqual(fate)
  })

  it('tells its story oldest first, one line for each attempt', () => {
    const attempts = [absent(), ended('SYSTEM_ERROR', { id: 'a2', number: 2 }), ambiguous({ id: 'a3', number: 3, site: 'surf' })]
    expect(settleWork({ id: workId('w1'), state: 'QUEUED', rerunnable: false }, attempts, RULES, at).notes).toEqual([
      'Attempt 1 at site bielefeld ended ABSENT: 2 complete listings after the settle time did not show it.',
      'Attempt 2 at site bielefeld ended SYSTEM_ERROR: the site said SYSTEM_ERROR',
      'Site surf has not said whether it took attempt 3; the broker looks for it there before it sends it again.',
    ])
  })
})
