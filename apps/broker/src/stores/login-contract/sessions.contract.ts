import { describe, expect, it } from 'vitest'
import { type Principal, SYSTEM } from '../../auth/principal.ts'
import { ADA, ADMIN, BOB, NOW, PROJECT } from '../contract/builders.ts'
import type { OpenLoginStore } from '../login-store.contract.ts'
import type { LoginStore } from '../login-store.ts'
import { createToken, DAY, HOUR, hashOf, MINUTE, personOf, rotate, startFamily, startSession, tokenId } from './builders.ts'

const HASH = hashOf('s')
const standing = (login: LoginStore, now: number) => login.findSession(HASH, now)?.standing

async function see(login: LoginStore, at: number): Promise<number> {
  return (await login.execute({ kind: 'touch', principal: SYSTEM, tokens: [], sessions: [{ hash: HASH, at }] })).written
}

export function describeSessions(open: OpenLoginStore): void {
  describe('sessions', () => {
    it('is found by its hash, with its data only while it is live', async () => {
      await using store = await open()
      const { login } = store
      await startSession(login, 's')
      expect(login.findSession(HASH, NOW)).toEqual({
        standing: 'live',
        session: {
          owner: personOf(ADA),
          createdAt: NOW,
          lastSeenAt: NOW,
          idleMs: 30 * MINUTE,
          expiresAt: NOW + 8 * HOUR,
          endedAt: undefined,
        },
      })
      expect(login.getSessionData(HASH, NOW)).toBe('{"hint":"h"}')
      expect(login.getSessionData(HASH, NOW + 30 * MINUTE)).toBeUndefined()
      expect(login.findSession(hashOf('S'), NOW)).toBeUndefined()
    })

    it('T13 ends when nobody is seen for its idle time, and no touch wakes it again', async () => {
      await using store = await open()
      const { login } = store
      await startSession(login, 's')
      expect([standing(login, NOW + 30 * MINUTE - 1), standing(login, NOW + 30 * MINUTE)]).toEqual(['live', 'idle'])
      expect(await see(login, NOW + 20 * MINUTE)).toBe(1)
      expect(await see(login, NOW + 20 * MINUTE + 1)).toBe(0)
      expect(standing(login, NOW + 49 * MINUTE)).toBe('live')
      expect(await see(login, NOW + 50 * MINUTE)).toBe(0)
      expect(standing(login, NOW + 50 * MINUTE)).toBe('idle')
    })

    it('T13 ends at its last hour, however often it is used', async () => {
      await using store = await open()
      const { login } = store
      await startSession(login, 's', { expiresAt: NOW + 10 * MINUTE })
      expect(await see(login, NOW + 9 * MINUTE)).toBe(1)
      expect(standing(login, NOW + 10 * MINUTE)).toBe('expired')
      expect(await see(login, NOW + 10 * MINUTE)).toBe(0)
    })

    it('T13 replaces that of the browser before the login, in the same step', async () => {
      await using store = await open()
      const { login } = store
      await startSession(login, 's')
      await startSession(login, 'after', {}, BOB, HASH)
      expect(standing(login, NOW)).toBe('ended')
      expect(login.findSession(hashOf('after'), NOW)).toMatchObject({ standing: 'live', session: { owner: personOf(BOB) } })
    })

    it('takes new data while it is live', async () => {
      await using store = await open()
      const { login } = store
      await startSession(login, 's')
      const put = (now: number) => login.execute({ kind: 'putSessionData', hash: HASH, dataText: '{"hint":"new"}', now })
      expect(await put(NOW)).toEqual({ outcome: 'done' })
      expect(login.getSessionData(HASH, NOW)).toBe('{"hint":"new"}')
      expect(await put(NOW + 30 * MINUTE)).toEqual({ outcome: 'notFound' })
    })

    it('gives its data to the logout, once', async () => {
      await using store = await open()
      const { login } = store
      await startSession(login, 's')
      const end = () => login.execute({ kind: 'endSession', hash: HASH, now: NOW })
      const answers = await Promise.all([end(), end()])
      expect(answers).toEqual([{ outcome: 'ended', owner: personOf(ADA), dataText: '{"hint":"h"}' }, { outcome: 'notFound' }])
      expect(standing(login, NOW)).toBe('ended')
      expect(login.getSessionData(HASH, NOW)).toBeUndefined()
    })

    it('ends with all others and all refresh families of its person, by them or an admin', async () => {
      await using store = await open()
      const { login } = store
      await startSession(login, 's')
      await startSession(login, 'second')
      await startSession(login, 'of bob', {}, BOB)
      await startFamily(login)
      const endAll = (principal: typeof ADA, tokens = false) =>
        login.execute({ kind: 'endAll', principal, person: personOf(ADA), tokens, now: NOW })
      for (const principal of [BOB, { ...ADA, project: PROJECT }]) expect(await endAll(principal)).toEqual({ outcome: 'notFound' })
      expect(await endAll(ADMIN)).toEqual({ outcome: 'done', sessions: 2, families: 1, approvals: 0, tokens: 0 })
      expect(await endAll(ADA)).toEqual({ outcome: 'done', sessions: 0, families: 0, approvals: 0, tokens: 0 })
      expect([standing(login, NOW), login.findSession(hashOf('of bob'), NOW)?.standing]).toEqual(['ended', 'live'])
      expect(await rotate(login, 'f 1', 'f 2')).toMatchObject({ outcome: 'ended', why: 'revoked' })
    })

    it('T14 ends with every live token of its person where that is asked, each with an event; and no device that was let in makes another', async () => {
      await using store = await open()
      const { login } = store
      const device: Principal = { ...ADA, credential: { kind: 'access', id: 'f', expiresAt: NOW + DAY } }
      await startFamily(login)
      for (const id of ['a', 'b']) expect(await createToken(login, id, {}, device)).toEqual({ outcome: 'created' })
      await createToken(login, 'over', { expiresAt: NOW + 1 })
      await createToken(login, 'of bob', {}, BOB)
      const endAll = { kind: 'endAll', principal: ADA, person: personOf(ADA), now: NOW + MINUTE } as const
      expect(await login.execute({ ...endAll, tokens: false })).toMatchObject({ families: 1, tokens: 0 })
      expect(await createToken(login, 'c', {}, device, NOW + MINUTE)).toEqual({ outcome: 'ended' })
      expect(await login.execute({ ...endAll, tokens: true })).toMatchObject({ tokens: 2 })
      const standings = ['a', 'b', 'over', 'c', 'of bob'].map(id => login.findToken(hashOf(id), NOW + MINUTE)?.standing)
      expect(standings).toEqual(['revoked', 'revoked', 'expired', undefined, 'live'])
      expect(await login.execute({ kind: 'revokeToken', principal: ADA, id: tokenId('a'), now: NOW })).toEqual({
        outcome: 'alreadyRevoked',
      })
    })
  })
}
