import { TesState } from '@portolan/tes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accepted, ambiguous, applyAll, ended, placed, running, siteTaskId, submitting, T0 } from '../test/tracking-builders.ts'
import { ATTEMPT_STATES, type Attempt, isFinal } from './attempt.ts'
import { isFenced } from './fence.ts'
import { isEnd, rankOf } from './site-states.ts'
import type { AttemptEvent, AttemptEventKind } from './tracking.ts'
import { TRANSITIONS, transition } from './transitions.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const at = T0 + 1000

const see = (state: TesState): AttemptEvent => ({ kind: 'see', at, state })
const confirm = (state: 'COMPLETE' | 'SYSTEM_ERROR' | 'CANCELED'): AttemptEvent => ({ kind: 'confirm', at, state, detail: 'read' })
const vanish: AttemptEvent = { kind: 'vanish', at }
const stale = (): Attempt => applyAll(running(), { kind: 'silence', at })
const lost = (): Attempt => applyAll(stale(), { kind: 'lose', at })
const suspect = (): Attempt => applyAll(running(), vanish)
const candidate = (): Attempt => applyAll(running(), see('COMPLETE'))
const givenUp = (): Attempt => applyAll(lost(), { kind: 'giveUp', at, detail: 'lost' })
const cancelling = (): Attempt => applyAll(running(), { kind: 'wantCancel', at }, { kind: 'cancelSent', at })

type Row = readonly [sentence: string, before: Attempt, events: readonly AttemptEvent[], expected: Partial<Attempt>]

const ROWS: readonly Row[] = [
  ['a placed attempt becomes an intent', placed(), [{ kind: 'intend', at }], { state: 'INTENT', version: 2 }],
  [
    'a placed attempt that is withdrawn was never sent',
    placed(),
    [{ kind: 'withdrawUnsent', at, detail: 'x' }],
    { state: 'REJECTED', endedAt: at, end: { outcome: 'UNSENT', detail: 'x' } },
  ],
  [
    'an answer with an id is an acceptance',
    submitting(),
    [{ kind: 'accept', at, siteTaskId: siteTaskId('t') }],
    { state: 'ACCEPTED', siteTaskId: siteTaskId('t'), acceptedAt: at },
  ],
  [
    'a refusal is the end',
    submitting(),
    [{ kind: 'reject', at, rejection: 'busy', detail: 'x' }],
    { state: 'REJECTED', end: { outcome: 'REJECTED', rejection: 'busy', detail: 'x' } },
  ],
  [
    'no answer is a doubt until the settle time is over',
    submitting(),
    [{ kind: 'doubt', at, settleMs: 5, detail: 'x' }],
    { state: 'AMBIGUOUS', settleUntil: at + 5 },
  ],
  [
    'one sweep without it leaves the doubt',
    ambiguous(),
    [{ kind: 'absent', at, settleMs: 5 }],
    { state: 'AMBIGUOUS', absentSweeps: 1, settleUntil: at + 5 },
  ],
  [
    'two sweeps without it make it absent, and it is watched for a day',
    ambiguous(),
    [
      { kind: 'absent', at, settleMs: 5 },
      { kind: 'absent', at, settleMs: 5 },
    ],
    { state: 'ABSENT', absentSweeps: 2, watchUntil: at + DAY },
  ],
  [
    'a tag that shows up ends the doubt',
    ambiguous(),
    [
      { kind: 'absent', at, settleMs: 5 },
      { kind: 'accept', at, siteTaskId: siteTaskId('t') },
    ],
    { state: 'ACCEPTED', siteTaskId: siteTaskId('t') },
  ],
  ['what runs does not go back to the queue', running(), [{ kind: 'silence', at }, see('QUEUED')], { state: 'ACTIVE', seen: 'RUNNING' }],
  ['a pause may end', running(), [see('PAUSED'), see('RUNNING')], { seen: 'RUNNING', everRan: true }],
  [
    'an end that was shown is only a candidate',
    running(),
    [see('COMPLETE')],
    { state: 'CANDIDATE', seen: 'RUNNING', candidate: { state: 'COMPLETE', at, reads: 0 } },
  ],
  [
    'a read confirms a good end',
    candidate(),
    [confirm('COMPLETE')],
    { state: 'TERMINAL', seen: 'COMPLETE', end: { outcome: 'COMPLETE', detail: 'read' } },
  ],
  [
    'a bad end needs a second read',
    running(),
    [confirm('SYSTEM_ERROR')],
    { state: 'CANDIDATE', candidate: { state: 'SYSTEM_ERROR', at, reads: 1 } },
  ],
  ['a bad end that is read twice counts', running(), [confirm('SYSTEM_ERROR'), confirm('SYSTEM_ERROR')], { state: 'TERMINAL' }],
  [
    'a bad end that was a lie is forgotten',
    accepted(),
    [see('SYSTEM_ERROR'), confirm('SYSTEM_ERROR'), see('QUEUED'), confirm('SYSTEM_ERROR')],
    { state: 'CANDIDATE', everRan: false },
  ],
  ['a site that cancels by itself is believed at once', running(), [confirm('CANCELED')], { state: 'TERMINAL', cancelConfirmations: 0 }],
  ['our own cancel is confirmed twice', cancelling(), [confirm('CANCELED')], { state: 'CANDIDATE', cancelConfirmations: 1 }],
  [
    'our own cancel, confirmed twice, is the end',
    cancelling(),
    [confirm('CANCELED'), confirm('CANCELED')],
    { state: 'TERMINAL', cancelConfirmations: 2 },
  ],
  [
    'a site that said CANCELED and runs on has confirmed nothing',
    cancelling(),
    [confirm('CANCELED'), see('RUNNING')],
    { state: 'ACTIVE', cancelConfirmations: 0 },
  ],
  ['a finish beats our cancel', cancelling(), [confirm('COMPLETE')], { state: 'TERMINAL', end: { outcome: 'COMPLETE', detail: 'read' } }],
  ['a run is counted from the first sight of it', running(), [see('PAUSED'), see('RUNNING')], { ranSince: T0 }],
  ['what waits does not run', accepted(), [see('INITIALIZING')], { ranSince: undefined }],
  [
    'a run that was too long is to be cancelled',
    running(),
    [{ kind: 'overrun', at, limitMs: 5, setBy: 'task' }],
    { state: 'ACTIVE', cancelWantedAt: at, overrun: { at, limitMs: 5, setBy: 'task' } },
  ],
  [
    'what was found too long is confirmed twice as well',
    running(),
    [{ kind: 'overrun', at, limitMs: 5, setBy: 'task' }, confirm('CANCELED')],
    { state: 'CANDIDATE', cancelConfirmations: 1 },
  ],
  ['a silent site keeps the last state', running(), [{ kind: 'silence', at }], { state: 'STALE', seen: 'RUNNING', silentSince: at }],
  ['a long silence is a loss', stale(), [{ kind: 'lose', at }], { state: 'LOST', silentSince: at }],
  ['a lost site that answers again is followed again', lost(), [see('RUNNING')], { state: 'ACTIVE', silentSince: undefined }],
  ['gone once is a suspicion', running(), [vanish], { state: 'SUSPECT', suspectSince: at }],
  ['seen again ends the suspicion', suspect(), [see('RUNNING')], { state: 'ACTIVE', suspectSince: undefined }],
  ['gone twice is missing, and it is watched for a day', suspect(), [vanish], { state: 'MISSING', watchUntil: at + DAY }],
  ['a finished task may be forgotten', candidate(), [vanish, vanish], { state: 'TERMINAL', seen: 'COMPLETE' }],
  ['a bad end that is forgotten before its second read is missing', running(), [see('SYSTEM_ERROR'), vanish, vanish], { state: 'MISSING' }],
  [
    'what is given up stays lost, to be cancelled later',
    lost(),
    [{ kind: 'giveUp', at, detail: 'x' }],
    { state: 'LOST', givenUpAt: at, cancelWantedAt: at, end: { outcome: 'GIVEN_UP', detail: 'x' } },
  ],
  [
    'what a given-up attempt reports does not count',
    givenUp(),
    [see('RUNNING'), confirm('COMPLETE')],
    { state: 'TERMINAL', end: { outcome: 'GIVEN_UP', detail: 'lost' } },
  ],
]

const EVENT_KINDS = Object.keys(TRANSITIONS.PLACED) as AttemptEventKind[]
const END = fc.constantFrom('COMPLETE', 'EXECUTOR_ERROR', 'SYSTEM_ERROR', 'CANCELED', 'PREEMPTED')
const SITE_STATE = fc.constantFrom(...TesState.options)
const events = fc.array(
  fc.record({ kind: fc.constantFrom(...EVENT_KINDS), state: SITE_STATE, end: END }).map(
    ({ kind, state, end }): AttemptEvent =>
      ({
        kind,
        at: T0,
        state: kind === 'confirm' ? end : state,
        settleMs: 1,
        detail: 'd',
        rejection: 'busy',
        siteTaskId: siteTaskId('t'),
      }) as AttemptEvent,
  ),
  { maxLength: 60 },
)

describe('transition', () => {
  it.each(ROWS)('%s', (_, before, happened, expected) => {
    expect(applyAll(before, ...happened)).toMatchObject(expected)
  })

  it.each([
    ['waits', accepted()],
    ['is cancelled already', cancelling()],
    ['has shown an end', candidate()],
    ['is at a silent site', stale()],
    ['was given up', givenUp()],
  ])('says nothing of the run of what %s', (_, attempt) => {
    expect(transition(attempt, { kind: 'overrun', at, limitMs: 5, setBy: 'task' }).changed).toBe(false)
  })

  it('has a rule for every state and every event', () => {
    expect(Object.keys(TRANSITIONS).toSorted()).toEqual(ATTEMPT_STATES.toSorted())
    for (const row of Object.values(TRANSITIONS)) expect(Object.keys(row)).toEqual(EVENT_KINDS)
  })

  it('gives a reason in words for every event that does not apply', () => {
    for (const attempt of [placed(), submitting(), ambiguous(), accepted(), lost(), ended('COMPLETE')]) {
      for (const kind of EVENT_KINDS) {
        const after = transition(attempt, { kind, at, state: 'QUEUED', detail: 'd', settleMs: 1 } as AttemptEvent)
        if (!after.changed) expect(after.reason).toMatch(/^[A-Z].*\.$/u)
      }
    }
  })

  it('I3: nothing moves an attempt that is over', () => {
    fc.assert(
      fc.property(events, happened => {
        let attempt = placed()
        for (const event of happened) {
          const after = transition(attempt, event)
          if (isFinal(attempt)) expect(after.changed).toBe(false)
          if (after.changed) attempt = after.attempt
        }
      }),
    )
  })

  it('I6: versions rise by one, and what was seen never moves back', () => {
    fc.assert(
      fc.property(events, happened => {
        let attempt = placed()
        for (const event of happened) {
          const after = transition(attempt, event)
          if (!after.changed) continue
          expect(after.attempt.version).toBe(attempt.version + 1)
          expect(rankOf(after.attempt.seen ?? 'UNKNOWN')).toBeGreaterThanOrEqual(rankOf(attempt.seen ?? 'UNKNOWN'))
          expect(after.attempt.everRan || !attempt.everRan).toBe(true)
          attempt = after.attempt
        }
      }),
    )
  })

  it('I2: once fenced, an attempt stays fenced', () => {
    fc.assert(
      fc.property(events, happened => {
        let attempt = placed()
        for (const event of happened) {
          const after = transition(attempt, event)
          if (!after.changed) continue
          if (isFenced(attempt)) expect(isFenced(after.attempt)).toBe(true)
          attempt = after.attempt
        }
      }),
    )
  })

  it('every final attempt tells its end and when it came', () => {
    fc.assert(
      fc.property(events, happened => {
        const attempt = happened.reduce((before, event) => {
          const after = transition(before, event)
          return after.changed ? after.attempt : before
        }, placed())
        if (isFinal(attempt)) expect([attempt.end, attempt.endedAt]).not.toContain(undefined)
        if (attempt.state === 'TERMINAL') expect(isEnd(attempt.seen ?? 'UNKNOWN')).toBe(true)
      }),
    )
  })
})

describe('isFenced', () => {
  it.each([
    ['a placed attempt', placed(), false],
    ['a submission under way', submitting(), false],
    ['a submission in doubt', ambiguous(), false],
    ['one that runs', running(), false],
    ['a lost one', lost(), false],
    ['a suspect', suspect(), false],
    ['an end that is not confirmed', candidate(), false],
    ['one given up', givenUp(), true],
    ['a confirmed end', ended('COMPLETE'), true],
    ['a confirmed failure', ended('SYSTEM_ERROR'), true],
    ['a cancel confirmed once', applyAll(cancelling(), confirm('CANCELED')), false],
    ['a cancel confirmed twice', applyAll(cancelling(), confirm('CANCELED'), confirm('CANCELED')), true],
    ['one that the site refused', applyAll(submitting(), { kind: 'reject', at, rejection: 'refused', detail: 'x' }), true],
    ['one that never arrived', applyAll(ambiguous(), { kind: 'absent', at, settleMs: 5 }, { kind: 'absent', at, settleMs: 5 }), true],
    ['one that the site has forgotten', applyAll(suspect(), vanish), true],
  ])('%s', (_, attempt, fenced) => {
    expect(isFenced(attempt)).toBe(fenced)
  })
})
