import { describe, expect, it } from 'vitest'
import { SYSTEM } from '../../auth/principal.ts'
import type { OpenStore } from '../store.contract.ts'
import type { Store } from '../store.ts'
import { ADA, claim, create, end, NOW, newWork, workId } from './builders.ts'

const ID = workId(1)

export function describeAbandoned(open: OpenStore): void {
  describe('what a client left behind', () => {
    const KEY = { idempotencyKeyHash: 'k', bodyDigest: 'b' }
    const comeBack = (store: Store, key = KEY) =>
      store.execute({ kind: 'create', principal: ADA, work: newWork(workId(2), key), now: NOW + 40_000 })
    const giveUp = (store: Store, held: boolean) => store.execute({ kind: 'giveUp', principal: SYSTEM, id: ID, held, now: NOW + 30_000 })
    const hold = (store: Store, until: number) => store.execute({ kind: 'hold', principal: ADA, id: ID, until })

    it.each([true, false])('and nobody came for ends, and its key makes a new work item for who comes late (held: %s)', async held => {
      await using store = await open()
      await create(store, ID, KEY)
      if (held) await hold(store, NOW + 30_000)
      expect(await giveUp(store, held)).toEqual({ outcome: 'requested' })
      expect(await comeBack(store)).toEqual({ outcome: 'created', id: workId(2) })
      expect(await comeBack(store)).toEqual({ outcome: 'existing', id: workId(2) })
      expect(store.getWork(ADA, ID)).toMatchObject({ cancelRequestedAt: NOW + 30_000, version: 2 })
      expect(store.getEvents(ADA, ID).map(({ kind }) => kind)).toEqual(['created', 'cancelRequested'])
      expect(await comeBack(store, { ...KEY, bodyDigest: 'other' })).toEqual({ outcome: 'keyReused' })
    })

    it('is not given up once its client has come back', async () => {
      await using store = await open()
      await create(store, ID, KEY)
      await hold(store, NOW + 30_000)
      expect(await comeBack(store)).toEqual({ outcome: 'existing', id: ID })
      expect(await giveUp(store, true)).toEqual({ outcome: 'conflict' })
      expect(store.getWork(ADA, ID)?.cancelRequestedAt).toBeUndefined()
    })

    it('and was cancelled by its owner still counts for its key, and is held no more', async () => {
      await using store = await open()
      await create(store, ID, KEY)
      await hold(store, NOW + 30_000)
      await store.execute({ kind: 'requestCancel', principal: ADA, id: ID, now: NOW + 1 })
      expect(await giveUp(store, true)).toEqual({ outcome: 'conflict' })
      expect(await hold(store, NOW + 60_000)).toEqual({ outcome: 'conflict' })
      await end(store, await claim(store), ID, 'CANCELED')
      expect(await giveUp(store, false)).toEqual({ outcome: 'conflict' })
      expect(await comeBack(store)).toEqual({ outcome: 'existing', id: ID })
    })

    it('is given up by the broker alone', async () => {
      await using store = await open()
      await create(store, ID, KEY)
      await expect(store.execute({ kind: 'giveUp', principal: ADA, id: ID, held: false, now: NOW })).rejects.toThrow('of the broker itself')
    })
  })
}
