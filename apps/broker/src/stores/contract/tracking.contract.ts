import type { Attempt, ProjectId, SiteTaskId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { SYSTEM } from '../../auth/principal.ts'
import type { OpenStore } from '../store.contract.ts'
import {
  ADA,
  ADMIN,
  attemptId,
  BOB,
  CARL,
  claim,
  create,
  decide,
  end,
  NOW,
  newAttempt,
  PROJECT,
  SITE,
  step,
  transition,
  workId,
} from './builders.ts'

const ID = workId(1)
const SITE_TASK = 'task-7' as SiteTaskId

export function describeTracking(open: OpenStore): void {
  describe('attempts', () => {
    it('counts for members what their project has at sites, and for nobody else', async () => {
      await using store = await open()
      const lease = await claim(store)
      for (const number of [1, 2, 3]) await create(store, workId(number))
      await create(store, workId(4), { project: 'other' as typeof PROJECT })
      for (const number of [1, 2, 4]) await decide(store, lease, newAttempt(workId(number)))
      const fenced = { ...newAttempt(workId(2)), version: 1 }
      await transition(store, lease, [step(fenced, { state: 'REJECTED', endedAt: NOW, end: { outcome: 'UNSENT', detail: 'not sent' } })])
      const member = { ...ADA, memberOf: [PROJECT] }
      const bound = { ...member, project: 'other' as typeof PROJECT }
      const counts = [SYSTEM, ADMIN, CARL, member, ADA, BOB, bound].map(principal => store.countUnderWay(principal, PROJECT))
      expect(counts).toEqual([1, 1, 1, 1, 0, 0, 0])
    })

    it('answers an attempt with everything that was written to it', async () => {
      await using store = await open()
      await create(store, ID)
      const lease = await claim(store)
      const attempt = newAttempt(ID)
      await decide(store, lease, attempt)
      const full: Required<Attempt> = {
        ...attempt,
        state: 'CANDIDATE',
        version: 2,
        epoch: 4,
        siteTaskId: SITE_TASK,
        linkHosts: ['drs.example.org'],
        linksUntil: NOW + 12,
        pathMaps: [{ from: '/nfs/work/', to: 's3://work/', projects: ['lab' as ProjectId] }],
        seen: 'RUNNING',
        candidate: { state: 'SYSTEM_ERROR', at: NOW + 9, look: 0 } as unknown as Required<Attempt>['candidate'],
        everRan: true,
        ranSince: NOW + 3,
        overrun: { at: NOW + 8, limitMs: 5, setBy: 'task' },
        submittedAt: NOW + 1,
        acceptedAt: NOW + 2,
        seenAt: NOW + 3,
        silentSince: NOW + 4,
        suspectSince: NOW + 5,
        endedAt: NOW + 6,
        settleUntil: NOW + 7,
        absentSweeps: 1,
        cancelWantedAt: NOW + 8,
        cancelSentAt: NOW + 9,
        cancelConfirmations: 1,
        givenUpAt: NOW + 10,
        watchUntil: NOW + 11,
        end: { outcome: 'GIVEN_UP', detail: 'the site was silent' },
      }
      expect(await transition(store, lease, [step(attempt, full)])).toEqual({ outcome: 'done' })
      expect(store.getAttempts(ADA, ID)).toEqual([full])
      expect(store.getAttempts(BOB, ID)).toEqual([])
      expect(store.findAttemptBySiteTask(SYSTEM, SITE, SITE_TASK)).toEqual(full)
      expect(store.findAttemptBySiteTask(BOB, SITE, SITE_TASK)).toBeUndefined()
    })

    it('I2: refuses a second attempt while one is unfenced, by whatever way it comes', async () => {
      await using store = await open()
      await create(store, ID)
      const lease = await claim(store)
      const first = newAttempt(ID)
      const second = newAttempt(ID, { id: attemptId('second'), number: 2 })
      expect(await decide(store, lease, first)).toEqual({ outcome: 'done' })
      expect(await decide(store, lease, second)).toEqual({ outcome: 'conflict' })
      const rejected = step(
        first,
        { state: 'REJECTED', end: { outcome: 'UNSENT', detail: 'refused' } },
        { kind: 'withdrawUnsent', at: NOW, detail: '' },
      )
      expect(await transition(store, lease, [rejected])).toEqual({ outcome: 'done' })
      expect(await decide(store, lease, second)).toEqual({ outcome: 'done' })
      expect(await transition(store, lease, [step(rejected.attempt, { state: 'ACCEPTED' })])).toEqual({ outcome: 'conflict' })
      expect(store.getAttempts(SYSTEM, ID).map(({ state }) => state)).toEqual(['REJECTED', 'PLACED'])
    })

    it('refuses an attempt of a work item that is held, until it is claimed', async () => {
      await using store = await open()
      await create(store, ID)
      const lease = await claim(store)
      await store.execute({ kind: 'hold', principal: ADA, id: ID, until: NOW + 10 })
      expect(await decide(store, lease, newAttempt(ID))).toEqual({ outcome: 'conflict' })
      await store.execute({ kind: 'hold', principal: ADA, id: ID, until: 0 })
      expect(await decide(store, lease, newAttempt(ID))).toEqual({ outcome: 'done' })
    })

    it('I2: takes only one of many decisions that come at once', async () => {
      await using store = await open()
      await create(store, ID)
      const lease = await claim(store)
      const attempts = Array.from({ length: 20 }, (_, i) => newAttempt(ID, { id: attemptId(`a${i}`), number: i + 1 }))
      const answers = await Promise.all(attempts.map(attempt => decide(store, lease, attempt)))
      expect(answers.filter(({ outcome }) => outcome === 'done')).toHaveLength(1)
      expect(store.getAttempts(SYSTEM, ID)).toHaveLength(1)
    })

    it('I3: an end never changes, and a late answer changes nothing of the work item', async () => {
      await using store = await open()
      await create(store, ID)
      const lease = await claim(store)
      const attempt = newAttempt(ID)
      await decide(store, lease, attempt)
      await end(store, lease, ID, 'CANCELED')
      const before = store.getDocument(ADA, ID)
      const late = step(attempt, { state: 'TERMINAL', seen: 'COMPLETE' }, { kind: 'confirm', at: NOW, state: 'COMPLETE', detail: '' })
      const expectedVersion = before?.version ?? 0
      expect(await transition(store, lease, [late], { id: ID, expectedVersion, state: 'COMPLETE', logText: 'late' })).toEqual({
        outcome: 'conflict',
      })
      expect(store.getAttempts(SYSTEM, ID)[0]?.state).toBe('PLACED')
      expect(await transition(store, lease, [late], { id: ID, expectedVersion, endedAt: NOW + 99, notes: ['late'] })).toEqual({
        outcome: 'done',
      })
      expect(store.getAttempts(SYSTEM, ID)[0]?.state).toBe('TERMINAL')
      expect(store.getDocument(ADA, ID)).toEqual(before)
      expect(await decide(store, lease, newAttempt(ID, { id: attemptId('again'), number: 2 }))).toEqual({ outcome: 'conflict' })
    })

    it('I5: after a cancel no attempt is placed, intended or sent', async () => {
      await using store = await open()
      const [placed, waiting] = [await create(store, ID), await create(store, workId(2))]
      const lease = await claim(store)
      const attempt = newAttempt(placed)
      await decide(store, lease, attempt)
      for (const id of [placed, waiting]) await store.execute({ kind: 'requestCancel', principal: ADA, id, now: NOW })
      expect(await decide(store, lease, newAttempt(waiting))).toEqual({ outcome: 'conflict' })
      expect(await transition(store, lease, [step(attempt, { state: 'INTENT' }, { kind: 'intend', at: NOW })])).toEqual({
        outcome: 'conflict',
      })
      expect(await transition(store, lease, [step(attempt, { state: 'SUBMITTING' }, { kind: 'send', at: NOW })])).toEqual({
        outcome: 'conflict',
      })
      const work = { id: waiting, expectedVersion: store.getWork(SYSTEM, waiting)?.version ?? 0, state: 'CANCELED' } as const
      expect(await store.execute({ kind: 'decide', principal: SYSTEM, lease, work, now: NOW })).toEqual({ outcome: 'done' })
    })

    it('I6: writes by an old version change nothing, and all of a command or none of it is taken', async () => {
      await using store = await open()
      await create(store, ID)
      const lease = await claim(store)
      const attempt = newAttempt(ID)
      await decide(store, lease, attempt)
      const next = step(attempt, { state: 'INTENT' })
      expect(await transition(store, lease, [next, step(attempt, { state: 'SUBMITTING' })])).toEqual({ outcome: 'conflict' })
      expect(await transition(store, lease, [next], { id: ID, expectedVersion: 1, notes: ['x'] })).toEqual({ outcome: 'conflict' })
      expect(store.getAttempts(SYSTEM, ID)).toEqual([attempt])
      expect(await transition(store, lease, [next, step(next.attempt, { state: 'SUBMITTING' })])).toEqual({ outcome: 'done' })
      expect(store.getAttempts(SYSTEM, ID)).toMatchObject([{ state: 'SUBMITTING', version: 3 }])
      expect(await transition(store, lease, [{ ...next, attempt: { ...next.attempt, version: 9 }, expectedVersion: 3 }])).toEqual({
        outcome: 'conflict',
      })
    })

    it('takes or refuses each entry of a sweep by itself', async () => {
      await using store = await open()
      const lease = await claim(store)
      const attempts: Attempt[] = []
      for (const number of [1, 2, 3]) {
        const attempt = newAttempt(await create(store, workId(number)))
        await decide(store, lease, attempt)
        attempts.push(attempt)
      }
      const writes = attempts.map((attempt, i) => ({
        attempts: [step(i === 1 ? { ...attempt, version: 7 } : attempt, { state: 'ACTIVE' }, { kind: 'see', at: NOW, state: 'RUNNING' })],
      }))
      expect(await store.execute({ kind: 'sweepDiff', principal: SYSTEM, lease, writes, now: NOW })).toEqual({
        outcome: 'done',
        refused: [1],
      })
      expect([1, 2, 3].map(number => store.getAttempts(SYSTEM, workId(number))[0]?.state)).toEqual(['ACTIVE', 'PLACED', 'ACTIVE'])
    })

    it('lists what needs a decision: not ended, nothing unfenced, oldest first, page by page', async () => {
      await using store = await open()
      const lease = await claim(store)
      for (const number of [1, 2, 3, 4, 5]) await create(store, workId(number))
      const placed = newAttempt(workId(2))
      await decide(store, lease, placed)
      await end(store, lease, workId(3))
      const due = (limit = 10, after?: typeof ID) => store.listDue(SYSTEM, limit, NOW, after).map(({ id }) => id)
      expect(due()).toEqual([workId(1), workId(4), workId(5)])
      expect(due(1, workId(1))).toEqual([workId(4)])
      await transition(store, lease, [step(placed, { state: 'ABSENT' }, { kind: 'absent', at: NOW, settleMs: 1 })])
      expect(due()).toEqual([workId(1), workId(2), workId(4), workId(5)])
      expect(() => store.listDue(ADA, 10, NOW)).toThrow()
    })

    it("lists a site's attempts that are not over, and those that are still watched", async () => {
      await using store = await open()
      const lease = await claim(store)
      const place = async (number: number, changes: Partial<Attempt>, last: Partial<Attempt> = {}) => {
        const attempt = newAttempt(await create(store, workId(number)), changes)
        await decide(store, lease, attempt)
        await transition(store, lease, [step(attempt, last)])
      }
      await place(1, {})
      await place(2, {}, { state: 'TERMINAL', end: { outcome: 'COMPLETE', detail: '' } })
      await place(3, {}, { state: 'ABSENT', watchUntil: NOW + 10 })
      await place(4, { site: 'surf' as typeof SITE })
      await place(5, {}, { state: 'TERMINAL', end: { outcome: 'CANCELED', detail: '' }, cancelWantedAt: NOW, cancelConfirmations: 1 })
      const listed = (now: number) =>
        store
          .listSiteAttempts(SYSTEM, SITE, now, 10)
          .map(({ work }) => work.id)
          .toSorted((a, b) => (a < b ? -1 : 1))
      expect(listed(NOW)).toEqual([workId(1), workId(3), workId(5)])
      expect(listed(NOW + 10)).toEqual([workId(1), workId(5)])
      const pages: string[][] = []
      for (let after: Attempt['id'] | undefined; ; ) {
        const page = store.listSiteAttempts(SYSTEM, SITE, NOW, 2, after)
        pages.push(page.map(({ work }) => work.id))
        after = page.at(-1)?.attempt.id
        if (page.length < 2) break
      }
      expect(pages).toEqual([[workId(1), workId(3)], [workId(5)]])
    })

    it('knows a task of a site for one attempt only', async () => {
      await using store = await open()
      const lease = await claim(store)
      const attempts = [newAttempt(await create(store, ID)), newAttempt(await create(store, workId(2)))]
      for (const attempt of attempts) await decide(store, lease, attempt)
      const accept = (attempt: Attempt) =>
        transition(store, lease, [step(attempt, { siteTaskId: SITE_TASK }, { kind: 'accept', at: NOW, siteTaskId: SITE_TASK })])
      expect(await Promise.all(attempts.map(accept))).toEqual([{ outcome: 'done' }, { outcome: 'conflict' }])
    })
  })
}
