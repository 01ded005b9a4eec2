import type { Attempt, AttemptEvent, SiteTaskId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { RULES } from '../../test/reconcile-parts.ts'
import { attemptId, NOW, newAttempt, PROJECT, SITE, workId } from '../stores/contract/builders.ts'
import type { WorkRow } from '../stores/store.ts'
import { composeSettle, composeWrite } from './compose-write.ts'

const work = workId(1)
const row = (changes: Partial<WorkRow> = {}): WorkRow => ({
  id: work,
  kind: 'task',
  owner: { issuer: 'i', subject: 's' },
  project: PROJECT,
  name: undefined,
  tags: {},
  state: 'QUEUED',
  version: 7,
  createdAt: NOW,
  rerunnable: false,
  countsAttempt: attemptId(`${work}-1`),
  countsSite: SITE,
  ...changes,
})
const running = (changes: Partial<Attempt> = {}): Attempt =>
  newAttempt(work, { state: 'ACTIVE', seen: 'RUNNING', everRan: true, siteTaskId: 'x' as SiteTaskId, acceptedAt: NOW, ...changes })
const compose = (of: WorkRow, attempts: readonly Attempt[], events: readonly AttemptEvent[], evidence = {}) =>
  composeWrite(of, attempts, attempts.at(-1)?.id ?? attemptId('none'), events, evidence, RULES, NOW)

describe('the writes of what happened to an attempt', () => {
  it('are one step for each event, each from the version before', () => {
    const composed = compose(
      row(),
      [newAttempt(work)],
      [
        { kind: 'intend', at: NOW },
        { kind: 'send', at: NOW },
      ],
    )
    expect(composed?.attempts.map(({ attempt, expectedVersion }) => [attempt.state, expectedVersion, attempt.version])).toEqual([
      ['INTENT', 1, 2],
      ['SUBMITTING', 2, 3],
    ])
    expect(composed?.work).toBeUndefined()
  })

  it('are none if nothing of it applies, or if the attempt is not there', () => {
    expect(compose(row(), [running()], [{ kind: 'accept', at: NOW, siteTaskId: 'y' as SiteTaskId }])).toBeUndefined()
    expect(composeWrite(row(), [], attemptId('none'), [{ kind: 'intend', at: NOW }], {}, RULES, NOW)).toBeUndefined()
  })

  it('skip an event that does not apply and take the next', () => {
    const composed = compose(
      row(),
      [newAttempt(work, { state: 'INTENT' })],
      [
        { kind: 'intend', at: NOW },
        { kind: 'send', at: NOW },
      ],
    )
    expect(composed?.attempts.map(({ event }) => event.kind)).toEqual(['send'])
  })

  it('bring the state that the user sees, by the version of the work item', () => {
    const composed = compose(row(), [running({ seen: 'QUEUED', everRan: false })], [{ kind: 'see', at: NOW, state: 'RUNNING' }])
    expect(composed?.work).toEqual({ id: work, expectedVersion: 7, state: 'RUNNING' })
  })

  it('bring end, log and outputs together with the last step', () => {
    const attempt = running({ state: 'CANDIDATE', candidate: { state: 'COMPLETE', at: NOW, reads: 0 } })
    const evidence = { logText: '{}', outputs: [{ url: 'u', path: '/p', sizeBytes: '1' }] }
    const composed = compose(row({ state: 'RUNNING' }), [attempt], [{ kind: 'confirm', at: NOW, state: 'COMPLETE', detail: '' }], evidence)
    expect(composed?.work).toEqual({ id: work, expectedVersion: 7, state: 'COMPLETE', endedAt: NOW, ...evidence })
    expect(composed?.fate).toMatchObject({ next: 'done', terminal: true })
  })

  it('leave out the log of an attempt that does not count', () => {
    const old = running({ givenUpAt: NOW, end: { outcome: 'GIVEN_UP', detail: '' }, state: 'CANDIDATE' })
    const next = newAttempt(work, { id: attemptId('second'), number: 2, site: SITE })
    const composed = composeWrite(
      row({ rerunnable: true, countsAttempt: next.id }),
      [old, next],
      old.id,
      [{ kind: 'confirm', at: NOW, state: 'COMPLETE', detail: '' }],
      { logText: 'of the old one' },
      RULES,
      NOW,
    )
    expect(composed?.attempts).toHaveLength(1)
    expect(composed?.work?.logText).toBeUndefined()
  })

  it('write notes only when they change', () => {
    const silent = compose(row({ state: 'RUNNING' }), [running()], [{ kind: 'silence', at: NOW }])
    expect(silent?.work?.notes?.join()).toContain('has not answered')
    const lost = compose(row({ state: 'RUNNING' }), [running({ state: 'STALE', silentSince: NOW })], [{ kind: 'wantCancel', at: NOW }])
    expect(lost?.work).toBeUndefined()
  })
})

describe('what time alone brings', () => {
  const cancelled = row({ state: 'RUNNING', cancelRequestedAt: NOW - RULES.lostAfterMs })
  const silent = [running({ state: 'STALE', silentSince: NOW, cancelWantedAt: NOW - 5 })]

  it('shows a cancel that a silent site has not confirmed', () => {
    expect(composeSettle(cancelled, silent, RULES, NOW)).toMatchObject({ state: 'CANCELED', endedAt: NOW })
  })

  it('is nothing before the time has come, or while the site speaks', () => {
    expect(composeSettle(cancelled, silent, RULES, NOW - 1)).toBeUndefined()
    expect(composeSettle(cancelled, [running()], RULES, NOW)).toBeUndefined()
  })
})
