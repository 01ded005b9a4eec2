import { describe, expect, it } from 'vitest'
import { SYSTEM } from '../../auth/principal.ts'
import { ADA, ADMIN, NOW } from '../contract/builders.ts'
import type { OpenLoginStore } from '../login-store.contract.ts'
import {
  createToken,
  DAY,
  familyId,
  HOUR,
  hashOf,
  logIn,
  MINUTE,
  personOf,
  poll,
  rotate,
  startDevice,
  startFamily,
  startLogin,
  startSession,
} from './builders.ts'

export function describeSweep(open: OpenLoginStore): void {
  describe('the sweep', () => {
    it('deletes what has expired and leaves what is live, persons and events', async () => {
      await using store = await open()
      const { login } = store
      const sweep = async (now: number) => (await login.execute({ kind: 'sweepLogins', principal: SYSTEM, limit: 100, now })).deleted
      await logIn(login)
      await startLogin(login)
      await startDevice(login)
      await startSession(login, 's')
      await startFamily(login, 'f', { expiresAt: NOW + 2 * DAY })
      await rotate(login, 'f 1', 'f 2')
      await startFamily(login, 'lasting', { expiresAt: NOW + 90 * DAY })
      await createToken(login, 't', { expiresAt: NOW + DAY })
      expect(await sweep(NOW)).toBe(0)
      expect(await sweep(NOW + 10 * MINUTE)).toBe(1)
      expect(await poll(login, 'd', NOW + 10 * MINUTE)).toEqual({ outcome: 'expired' })
      expect(await sweep(NOW + 20 * MINUTE)).toBe(1)
      expect(await poll(login, 'd', NOW + 20 * MINUTE)).toEqual({ outcome: 'notFound' })
      expect(await sweep(NOW + 8 * HOUR)).toBe(1)
      expect(login.findSession(hashOf('s'), NOW)).toBeUndefined()
      expect(await sweep(NOW + 3 * DAY)).toBe(3)
      expect(await rotate(login, 'f 2', 'f 3')).toEqual({ outcome: 'notFound' })
      expect(login.getFamily(ADA, familyId('f'))).toBeUndefined()
      expect(login.findToken(hashOf('t'), NOW + 3 * DAY)?.standing).toBe('expired')
      expect(await sweep(NOW + 31 * DAY)).toBe(1)
      expect(login.findToken(hashOf('t'), NOW)).toBeUndefined()
      expect(login.listFamilies(ADA, { size: 9 }).rows.map(({ id }) => id)).toEqual(['lasting'])
      expect(login.getPerson(ADA, personOf(ADA))).toBeDefined()
      expect(login.getPersonEvents(ADA, personOf(ADA), 9)).toHaveLength(4)
    })

    it('takes bounded steps, and is for the broker alone', async () => {
      await using store = await open()
      const { login } = store
      for (const number of [1, 2, 3]) await startSession(login, `s${number}`)
      await startFamily(login, 'f', { expiresAt: NOW })
      await rotate(login, 'f 1', 'f 2', { now: NOW - 1 })
      const sweep = async (limit: number) =>
        (await login.execute({ kind: 'sweepLogins', principal: SYSTEM, limit, now: NOW + DAY })).deleted
      expect([await sweep(2), await sweep(2), await sweep(2), await sweep(2)]).toEqual([2, 2, 2, 0])
      await expect(login.execute({ kind: 'sweepLogins', principal: ADMIN, limit: 1, now: NOW })).rejects.toThrow('the broker itself')
    })
  })
}
