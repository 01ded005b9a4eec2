import type { WorkId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { type Principal, SYSTEM } from '../../auth/principal.ts'
import type { OpenStore } from '../store.contract.ts'
import { ADA, ADMIN, claim, create, decide, end, NOW, newAttempt, SITE, step, transition, workId } from './builders.ts'

const ID = workId(1)

export function describeEvents(open: OpenStore): void {
  describe('events', () => {
    it('has one row for every accepted change and none for a refused one', async () => {
      await using store = await open()
      await create(store, ID)
      const lease = await claim(store)
      const attempt = newAttempt(ID)
      await decide(store, lease, attempt)
      await decide(store, lease, attempt)
      await transition(store, lease, [step(attempt, { state: 'INTENT' })])
      await transition(store, lease, [step(attempt, { state: 'INTENT' })])
      for (let i = 0; i < 2; i++) await store.execute({ kind: 'requestCancel', principal: ADA, id: ID, now: NOW })
      await end(store, lease, ID, 'CANCELED')
      const events = store.getEvents(ADA, ID)
      expect(events.map(({ kind }) => kind)).toEqual(['created', 'decided', 'intend', 'cancelRequested', 'changed', 'ended'])
      expect(events[2]).toEqual({
        at: NOW,
        work: ID,
        attempt: attempt.id,
        site: SITE,
        kind: 'intend',
        detailText: JSON.stringify({ at: NOW, version: 2 }),
      })
    })

    it('keeps that an administrator looked at what is somebody else’s, and nobody else’s look', async () => {
      await using store = await open()
      await create(store, ID)
      const look = (principal: Principal, id?: WorkId) =>
        store.execute({ kind: 'noteAdminRead', principal, operation: 'GetTask', id, now: NOW + 1 })
      expect(await look(ADMIN, ID)).toEqual({ outcome: 'noted' })
      expect(await look(ADMIN)).toEqual({ outcome: 'noted' })
      expect(await look(ADMIN, workId(2))).toEqual({ outcome: 'needless' })
      expect(await look(ADA, ID)).toEqual({ outcome: 'needless' })
      await create(store, workId(3), {}, ADMIN)
      expect(await look(ADMIN, workId(3))).toEqual({ outcome: 'needless' })
      const [, read, ...others] = store.getEvents(ADA, ID)
      expect(read).toEqual({ at: NOW + 1, work: ID, kind: 'adminRead', detailText: JSON.stringify({ operation: 'GetTask' }) })
      expect(others).toEqual([])
    })

    it('keeps which page of others’ work an administrator looked at', async () => {
      await using store = await open()
      const page = { asked: { namePrefix: 'secret' }, owner: { issuer: ADA.issuer, subject: ADA.subject }, ids: [ID] }
      const look = (principal: Principal) => store.execute({ kind: 'noteAdminRead', principal, operation: 'ListTasks', page, now: NOW + 1 })
      expect(await look(ADMIN)).toEqual({ outcome: 'noted' })
      expect(await look(ADA)).toEqual({ outcome: 'needless' })
    })

    it('numbers committed events in their order and chains them, once', async () => {
      await using store = await open()
      for (const number of [1, 2, 3, 4, 5]) await create(store, workId(number))
      const lease = await claim(store, 'events')
      const sequence = (limit: number) => store.execute({ kind: 'sequenceEvents', principal: SYSTEM, lease, limit })
      expect(await sequence(4)).toEqual({ outcome: 'done', sequenced: 4 })
      expect(await sequence(4)).toEqual({ outcome: 'done', sequenced: 2 })
      expect(await sequence(4)).toEqual({ outcome: 'done', sequenced: 0 })
      expect([1, 2, 3, 4, 5].map(number => store.getEvents(ADA, workId(number))[0]?.number)).toEqual([1, 2, 3, 4, 5])
      expect(await store.verifyEvents(SYSTEM)).toMatchObject({ verified: 6, head: expect.stringMatching(/^[0-9a-f]{64}$/) })
      await expect(store.verifyEvents(ADMIN)).rejects.toThrow()
    })

    it('lets only the holder of the lease `events` number them', async () => {
      await using store = await open()
      await create(store, ID)
      const lease = await claim(store, 'dispatch')
      const fenced = { outcome: 'fenced', sequenced: 0 }
      expect(await store.execute({ kind: 'sequenceEvents', principal: SYSTEM, lease, limit: 9 })).toEqual(fenced)
      expect(await store.execute({ kind: 'sequenceEvents', principal: SYSTEM, lease: { ...lease, name: 'events' }, limit: 9 })).toEqual(
        fenced,
      )
      expect(store.getEvents(ADA, ID)[0]?.number).toBeUndefined()
    })
  })
}
