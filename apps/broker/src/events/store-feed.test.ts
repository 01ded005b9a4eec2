import { describe, expect, it } from 'vitest'
import type { DearTurns } from '../auth/limits/dear-turns.ts'
import { type Principal, SYSTEM } from '../auth/principal.ts'
import { createMemoryBus } from '../bus/bus-memory.ts'
import { ADA, ADMIN, BOB, create, workId } from '../stores/contract/builders.ts'
import { openTemporary } from '../stores/contract/temporary.ts'
import type { SqliteStore } from '../stores/sqlite-store.ts'
import { describeFeed } from './event-feed.contract.ts'
import { createStoreFeed } from './store-feed.ts'

const never = (): never => {
  throw new Error('the lease of the events is taken')
}

async function open(changeReads: (store: SqliteStore) => SqliteStore = store => store, turns?: Pick<DearTurns, 'act'>) {
  const { store } = await openTemporary()
  const bus = createMemoryBus()
  const feed = createStoreFeed(changeReads(store), bus, Date.now, turns)
  return {
    feed,
    store,
    async sequence(quietly?: 'quietly') {
      const owner = { name: 'events', owner: 'one' }
      const answer = await store.execute({ kind: 'claimLease', principal: SYSTEM, ...owner, ttlMs: 60_000, now: Date.now() })
      const { epoch } = answer.outcome === 'claimed' ? answer : never()
      await store.execute({ kind: 'sequenceEvents', principal: SYSTEM, lease: { ...owner, epoch }, limit: 100_000 })
      if (quietly === undefined) bus.wake('events')
    },
    async [Symbol.asyncDispose]() {
      await feed[Symbol.asyncDispose]()
      await bus[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

describeFeed('store', () => open())

it('reads what many follow once for all of them', async () => {
  let reads = 0
  await using opened = await open(store => ({
    ...store,
    listEvents(principal, after, limit) {
      reads += 1
      return store.listEvents(principal, after, limit)
    },
  }))
  await Promise.all(Array.from({ length: 1_500 }, (_, index) => create(opened.store, workId(index + 1))))
  await opened.sequence()
  const first = await opened.feed.read(ADA, undefined, 0, 2_000)
  expect([first.events.length, reads]).toEqual([1_500, 2])
  for (let reader = 0; reader < 20; reader++) {
    expect((await opened.feed.read(reader % 2 ? ADMIN : ADA, undefined, 0, 2_000)).events).toHaveLength(1_500)
  }
  expect(reads).toBe(2)
})

/** Counts the slices that are read, and opens with so many events. */
async function openCounted(count: number, turns?: Pick<DearTurns, 'act'>) {
  let reads = 0
  const opened = await open(
    store => ({
      ...store,
      listEvents(principal, after, limit) {
        reads += 1
        return store.listEvents(principal, after, limit)
      },
    }),
    turns,
  )
  await Promise.all(Array.from({ length: count }, (_, index) => create(opened.store, workId(index + 1))))
  await opened.sequence()
  return { ...opened, readCount: () => reads }
}

describe('T16 those who read from old numbers', () => {
  it('read each slice once for all of them, whatever numbers they go on after', async () => {
    await using opened = await openCounted(2_500)
    const { feed } = opened
    await Promise.all(Array.from({ length: 60 }, (_, index) => feed.read(index % 2 ? ADA : BOB, undefined, index * 40, 5_000)))
    expect(opened.readCount()).toBe(3)
    await create(opened.store, workId(3_000))
    await opened.sequence()
    expect((await feed.read(ADA, undefined, 2_499, 10)).events).toHaveLength(2)
    expect(opened.readCount()).toBe(4)
  })

  it('get one slice of a person at a time, the persons in turn', async () => {
    await using opened = await openCounted(2_500)
    const { feed } = opened
    const had: string[] = []
    const read = async (name: string, principal: Principal, after: number) => {
      await feed.read(principal, undefined, after, 1)
      had.push(name)
    }
    await Promise.all([...Array.from({ length: 40 }, (_, index) => read('ada', ADA, index)), read('root', ADMIN, 7)])
    expect([had.length, had.indexOf('root')]).toEqual([41, 2])
  })

  it('hold nobody up who follows what happens now', async () => {
    await using opened = await openCounted(2_500, { act: () => new Promise(() => undefined) })
    const { feed } = opened
    for (let index = 0; index < 40; index++) void feed.read(ADA, undefined, index, 1)
    expect((await feed.read(ADMIN, undefined, 2_490, 100)).events).toHaveLength(10)
    expect((await feed.read(ADA, workId(1), 0, 100)).events).toHaveLength(1)
  })
})

it('answers a short page when its time is over, and goes on from there', async () => {
  let at = 0
  const { store } = await openTemporary()
  await using _store = store
  const feed = createStoreFeed(store, createMemoryBus(), () => {
    at += 150
    return at
  })
  await Promise.all(Array.from({ length: 2_500 }, (_, index) => create(store, workId(index + 1))))
  const lease = { name: 'events', owner: 'one' }
  const answer = await store.execute({ kind: 'claimLease', principal: SYSTEM, ...lease, ttlMs: 60_000, now: 0 })
  const { epoch } = answer.outcome === 'claimed' ? answer : never()
  await store.execute({ kind: 'sequenceEvents', principal: SYSTEM, lease: { ...lease, epoch }, limit: 100_000 })
  const page = await feed.read(ADA, undefined, 0, 10_000)
  expect(page.events).toHaveLength(2_000)
  expect((await feed.read(ADA, undefined, page.after, 10_000)).events).toHaveLength(500)
})

it('lets nobody but the broker itself read the table', async () => {
  const { store } = await openTemporary()
  await using _store = store
  for (const read of [
    () => store.lastEventNumber(ADMIN),
    () => store.listEvents(ADMIN, 0, 1),
    () => store.listEventsOf(ADMIN, workId(1), 0, 1),
    () => store.endNumberOf(ADMIN, workId(1)),
  ]) {
    expect(read).toThrow('for the broker itself')
  }
})
