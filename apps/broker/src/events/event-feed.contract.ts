/**
 * What every event feed does, wherever the events come from. `sequence` numbers what has happened, as the sequencer does.
 */
import type { ProjectId, WorkId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { until } from '../../../../test/harness/until.ts'
import { type Principal, SYSTEM } from '../auth/principal.ts'
import {
  ADA,
  ADMIN,
  BOB,
  CARL,
  claim,
  create,
  decide,
  end,
  newAttempt,
  SITE,
  step,
  transition,
  workId,
} from '../stores/contract/builders.ts'
import type { Store } from '../stores/store.ts'
import type { EventFeed, FedEvent } from './event-feed.ts'

export interface OpenedFeed extends AsyncDisposable {
  readonly feed: EventFeed
  readonly store: Store
  /** `quietly`: the wake-up is lost. */
  readonly sequence: (quietly?: 'quietly') => Promise<void>
}

const MANY = 1_200

/** Every page from a number on. */
async function walk(feed: EventFeed, principal: Principal, task?: WorkId, after = 0, limit = 1_000): Promise<readonly FedEvent[]> {
  const events: FedEvent[] = []
  for (let at = after; ; ) {
    const page = await feed.read(principal, task, at, limit)
    events.push(...page.events)
    if (page.after === at) return events
    at = page.after
  }
}

const numbersOf = (events: readonly FedEvent[]): readonly number[] => events.map(({ number }) => number)

async function createMany({ store, sequence }: OpenedFeed, from: number, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, index) => create(store, workId(from + index))))
  await sequence()
}

export function describeFeed(name: string, open: () => Promise<OpenedFeed>): void {
  describe(`the event feed: ${name}`, () => {
    it('tells of each numbered event once and in order, in pages of any size, from any number on', async () => {
      await using opened = await open()
      const { feed } = opened
      expect([feed.end(), await feed.read(ADA, undefined, 0, 10)]).toEqual([0, { events: [], after: 0 }])
      await createMany(opened, 1, 7)
      const all = numbersOf(await walk(feed, ADA))
      expect(all).toHaveLength(7)
      expect(all).toEqual([...all].sort((a, b) => a - b))
      for (const limit of [1, 3, 7, 100]) expect(numbersOf(await walk(feed, ADA, undefined, 0, limit))).toEqual(all)
      for (const [index, number] of all.entries()) {
        expect(numbersOf(await walk(feed, ADA, undefined, number, 2))).toEqual(all.slice(index + 1))
      }
    })

    it('tells what happened, to which task, at which try and where', async () => {
      await using opened = await open()
      const { feed, store, sequence } = opened
      const id = await create(store, workId(1))
      const lease = await claim(store)
      const attempt = newAttempt(id)
      await decide(store, lease, attempt)
      await transition(store, lease, [step(attempt, { state: 'INTENT' })])
      await end(store, lease, id)
      await sequence()
      const owner = { issuer: ADA.issuer, subject: ADA.subject }
      const events = await walk(feed, ADA, id)
      expect(events.map(({ kind, attempt: by, site }) => [kind, by, site])).toEqual([
        ['created', undefined, undefined],
        ['decided', attempt.id, SITE],
        ['intend', attempt.id, SITE],
        ['changed', undefined, undefined],
        ['ended', undefined, undefined],
      ])
      for (const event of events) expect(event).toMatchObject({ task: id, state: 'COMPLETE', owner })
    })

    it('never tells a state that is behind the event, nor behind what it has told before', async () => {
      await using opened = await open()
      const { feed, store, sequence } = opened
      const id = await create(store, workId(1))
      await sequence()
      expect((await walk(feed, ADA)).map(({ state }) => state)).toEqual(['QUEUED'])
      await end(store, await claim(store), id)
      await createMany(opened, 2, MANY)
      await sequence()
      const last = (await feed.read(ADA, id, feed.end() - 10, 10)).after
      expect(last).toBe(feed.end())
      expect((await walk(feed, ADA)).filter(({ task }) => task === id).map(({ kind, state }) => [kind, state])).toEqual([
        ['created', 'COMPLETE'],
        ['changed', 'COMPLETE'],
        ['ended', 'COMPLETE'],
      ])
    })

    it('T03 tells each of their own, members of what their project shows them, administrators of all, and skips the rest', async () => {
      await using opened = await open()
      const { feed, store, sequence } = opened
      const own = await create(store, workId(1))
      const shown = await create(store, workId(2), { visibility: 'project' })
      const strange = await create(store, workId(3), {}, BOB)
      await sequence()
      const seenBy = async (principal: Principal) => (await walk(feed, principal)).map(({ task }) => task)
      expect(await seenBy(ADA)).toEqual([own, shown])
      expect(await seenBy(BOB)).toEqual([strange])
      expect(await seenBy(CARL)).toEqual([shown])
      expect(await seenBy(ADMIN)).toEqual([own, shown, strange])
      expect(await seenBy({ ...ADMIN, scopes: ['read'] })).toEqual([])
      expect(await seenBy({ ...ADA, project: 'another' as ProjectId })).toEqual([])
      expect(await feed.read(BOB, undefined, 0, 10)).toMatchObject({ after: feed.end() })
      await end(store, await claim(store), strange)
      await sequence()
      expect([await walk(feed, ADA, strange), feed.endOf(ADA, strange)]).toEqual([[], undefined])
      expect(feed.endOf(BOB, strange)).toBeGreaterThan(0)
    })

    it('tells of one task alone, however much lies between its events', async () => {
      await using opened = await open()
      const { feed, store, sequence } = opened
      const id = await create(store, workId(1))
      await createMany(opened, 2, MANY)
      await store.execute({ kind: 'requestCancel', principal: ADA, id, now: 1 })
      await sequence()
      expect((await walk(feed, ADA, id)).map(({ kind }) => kind)).toEqual(['created', 'cancelRequested'])
      expect((await walk(feed, ADA, id, 0, 1)).map(({ kind }) => kind)).toEqual(['created', 'cancelRequested'])
      expect((await walk(feed, ADA, id, feed.end() - 5)).map(({ kind }) => kind)).toEqual(['cancelRequested'])
      expect(await walk(feed, BOB, id)).toEqual([])
    })

    it('says by which event a task has ended, once that is numbered', async () => {
      await using opened = await open()
      const { feed, store, sequence } = opened
      const id = await create(store, workId(1))
      await sequence()
      expect(feed.endOf(ADA, id)).toBeUndefined()
      await end(store, await claim(store), id)
      expect(feed.endOf(ADA, id)).toBeUndefined()
      await sequence()
      expect(feed.endOf(ADA, id)).toBe((await walk(feed, ADA, id)).at(-1)?.number)
      expect(feed.endOf(BOB, id)).toBeUndefined()
    })

    it('passes over what is about no task', async () => {
      await using opened = await open()
      const { feed, store, sequence } = opened
      await store.execute({ kind: 'noteAdminRead', principal: ADMIN, operation: 'ListTasks', now: 1 })
      await sequence()
      expect(await feed.read(ADMIN, undefined, 0, 10)).toEqual({ events: [], after: feed.end() })
      expect(feed.end()).toBeGreaterThan(0)
    })

    it('gives two readers each their own place', async () => {
      await using opened = await open()
      const { feed } = opened
      await createMany(opened, 1, MANY)
      const [early, late] = await Promise.all([walk(feed, ADA, undefined, 0, 350), walk(feed, ADMIN, undefined, 600, 300)])
      expect(new Set(numbersOf(early)).size).toBe(MANY)
      expect(early).toHaveLength(MANY)
      expect(numbersOf(late)).toEqual(numbersOf(early).filter(number => number > 600))
    })

    it('reads what is to come where a number is still to come, as after a backup was restored', async () => {
      await using opened = await open()
      const { feed } = opened
      await createMany(opened, 1, 2)
      const { after } = await feed.read(ADA, undefined, 1_000_000, 10)
      expect(after).toBe(feed.end())
      await createMany(opened, 3, 1)
      expect(await walk(feed, ADA, undefined, after)).toHaveLength(1)
    })

    it('calls back when there is news, also where the wake-up was lost, and nobody who has left', async () => {
      await using opened = await open()
      const { feed, store, sequence } = opened
      let calls = 0
      let late = 0
      const leave = feed.onNews(() => calls++)
      const stay = feed.onNews(() => late++)
      await createMany(opened, 1, 1)
      await until('it is told', () => calls === 1 && late === 1)
      leave()
      await create(store, workId(2))
      await sequence('quietly')
      await until('it finds out by itself', () => late === 2)
      expect(calls).toBe(1)
      stay()
    })

    it('shows no event before it has its number', async () => {
      await using opened = await open()
      const { feed, store } = opened
      await create(store, workId(1))
      expect([feed.end(), await walk(feed, SYSTEM)]).toEqual([0, []])
    })
  })
}
