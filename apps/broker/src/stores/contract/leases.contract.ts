import { describe, expect, it } from 'vitest'
import { SYSTEM } from '../../auth/principal.ts'
import type { OpenStore } from '../store.contract.ts'
import { ADA, ADMIN, claim, create, decide, NOW, newAttempt, step, transition, workId } from './builders.ts'

const ID = workId(1)

export function describeLeases(open: OpenStore): void {
  describe('leases', () => {
    it('gives a lease to one owner at a time, and to the next once it has run out', async () => {
      await using store = await open()
      const ask = (owner: string, now: number) =>
        store.execute({ kind: 'claimLease', principal: SYSTEM, name: 'site:x', owner, ttlMs: 100, now })
      expect(await ask('one', NOW)).toEqual({ outcome: 'claimed', epoch: 1 })
      expect(await ask('two', NOW + 99)).toEqual({ outcome: 'taken', owner: 'one', expiresAt: NOW + 100 })
      expect(await ask('two', NOW + 100)).toEqual({ outcome: 'claimed', epoch: 2 })
      expect(await ask('two', NOW + 101)).toEqual({ outcome: 'claimed', epoch: 3 })
    })

    it('gives a free lease to one of many that ask at once', async () => {
      await using store = await open()
      const owners = Array.from({ length: 10 }, (_, i) => `o${i}`)
      const answers = await Promise.all(
        owners.map(owner => store.execute({ kind: 'claimLease', principal: SYSTEM, name: 'site:x', owner, ttlMs: 100, now: NOW })),
      )
      expect(answers.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1)
    })

    it('renews and releases for the holder only', async () => {
      await using store = await open()
      const lease = await claim(store, 'site:x')
      const renew = (owner: string) =>
        store.execute({ kind: 'renewLease', principal: SYSTEM, lease: { ...lease, owner }, ttlMs: 60_000, now: NOW })
      expect(await renew('two')).toEqual({ outcome: 'fenced' })
      expect(await renew('one')).toEqual({ outcome: 'renewed' })
      expect(
        await store.execute({ kind: 'claimLease', principal: SYSTEM, name: 'site:x', owner: 'two', ttlMs: 1, now: NOW + 59_000 }),
      ).toMatchObject({ outcome: 'taken' })
      expect(await store.execute({ kind: 'releaseLease', principal: SYSTEM, lease })).toEqual({ outcome: 'released' })
      expect(await renew('one')).toEqual({ outcome: 'fenced' })
      expect(await claim(store, 'site:x', 'two')).toMatchObject({ epoch: 2 })
    })

    it('I6: a stale lease writes nothing', async () => {
      await using store = await open()
      await create(store, ID)
      const old = await claim(store, 'dispatch', 'one', NOW)
      const attempt = newAttempt(ID)
      await decide(store, old, attempt)
      const lease = await claim(store, 'dispatch', 'two', NOW + 20_000)
      const write = step(attempt, { state: 'INTENT' })
      const fenced = { outcome: 'fenced' }
      expect(await transition(store, old, [write])).toEqual(fenced)
      expect(await transition(store, { ...old, epoch: lease.epoch }, [write])).toEqual(fenced)
      expect(await transition(store, { ...lease, name: 'unknown' }, [write])).toEqual(fenced)
      expect(await decide(store, old, newAttempt(ID))).toEqual(fenced)
      const sweep = { kind: 'sweepDiff', principal: SYSTEM, lease: old, writes: [{ attempts: [write] }], now: NOW } as const
      expect(await store.execute(sweep)).toEqual({ outcome: 'fenced', refused: [] })
      expect(await store.execute({ kind: 'renewLease', principal: SYSTEM, lease: old, ttlMs: 1, now: NOW })).toEqual(fenced)
      expect(await store.execute({ kind: 'releaseLease', principal: SYSTEM, lease: old })).toEqual(fenced)
      expect(store.getAttempts(SYSTEM, ID)).toEqual([attempt])
      expect(await transition(store, lease, [write])).toEqual({ outcome: 'done' })
    })

    it('takes commands of the broker from nobody else, not even an admin', async () => {
      await using store = await open()
      for (const principal of [ADA, ADMIN]) {
        await expect(store.execute({ kind: 'claimLease', principal, name: 'x', owner: 'o', ttlMs: 1, now: NOW })).rejects.toThrow(
          'the broker itself',
        )
      }
    })
  })
}
