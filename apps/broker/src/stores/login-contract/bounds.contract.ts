import type { ProjectId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { SYSTEM } from '../../auth/principal.ts'
import { ADA, BOB, NOW, PROJECT } from '../contract/builders.ts'
import type { FamilyId } from '../login-rows.ts'
import type { OpenLoginStore } from '../login-store.contract.ts'
import type { LoginStore } from '../login-store.ts'
import {
  createToken,
  DAY,
  familyId,
  HOUR,
  hashOf,
  MINUTE,
  personOf,
  poll,
  rotate,
  startDevice,
  startFamily,
  startLogin,
  startSession,
  tokenId,
} from './builders.ts'

const most = 2
const standing = (login: LoginStore, secret: string, now = NOW) => login.findSession(hashOf(secret), now)?.standing
const whyOf = (login: LoginStore, id: string) => login.getFamily(SYSTEM, familyId(id))?.why ?? 'live'
const back = async (login: LoginStore, state: string, now = NOW) => {
  const hashes = { stateHash: hashOf(state), bindingHash: hashOf('cookie') }
  return (await login.execute({ kind: 'consumeLogin', ...hashes, issuer: ADA.issuer, now })).outcome
}

export function describeBounds(open: OpenLoginStore): void {
  describe('T16 bounds on what is live', () => {
    it('refuse a personal token beyond them, of many at once too, and take no notice of those that are over', async () => {
      await using store = await open()
      const { login } = store
      const make = async (id: string, now = NOW, expiresAt = NOW + DAY) =>
        (await createToken(login, id, { most, expiresAt }, ADA, now)).outcome
      expect(await Promise.all(['a', 'b', 'c', 'd'].map(id => make(id)))).toEqual(['created', 'created', 'tooMany', 'tooMany'])
      expect(login.findToken(hashOf('c'), NOW)).toBeUndefined()
      await login.execute({ kind: 'revokeToken', principal: ADA, id: tokenId('a'), now: NOW })
      expect([await make('e'), await make('f')]).toEqual(['created', 'tooMany'])
      expect([await make('g', NOW + DAY, NOW + 2 * DAY), await make('h', NOW + DAY, NOW + 2 * DAY)]).toEqual(['created', 'created'])
      expect(await make('i', NOW + DAY, NOW + 2 * DAY)).toBe('tooMany')
    })

    it('are those of each person, in all their projects together', async () => {
      await using store = await open()
      const { login } = store
      await createToken(login, 'a', { most })
      await createToken(login, 'b', { most, project: PROJECT })
      expect(await createToken(login, 'c', { most, project: 'other' as ProjectId })).toEqual({ outcome: 'tooMany' })
      expect(await createToken(login, 'd', { most }, BOB)).toEqual({ outcome: 'created' })
    })

    it('end the login of the device that was not used for longest, and say so to it', async () => {
      await using store = await open()
      const { login } = store
      const begin = (id: string, now: number) => startFamily(login, id, { most }, ADA, now)
      await startFamily(login, 'of bob', { most }, BOB)
      await begin('used', NOW)
      await begin('idle', NOW + 1)
      await rotate(login, 'used 1', 'used 2', { now: NOW + HOUR })
      expect(await begin('new', NOW + 2 * HOUR)).toEqual({ outcome: 'started', displaced: ['idle' as FamilyId] })
      expect(['used', 'idle', 'new', 'of bob'].map(id => whyOf(login, id))).toEqual(['live', 'displaced', 'live', 'live'])
      expect(await rotate(login, 'idle 1', 'idle 2', { now: NOW + 2 * HOUR })).toMatchObject({ outcome: 'ended', why: 'displaced' })
      const events = login.getPersonEvents(ADA, personOf(ADA), 2).map(({ kind, detailText = '{}' }) => [kind, JSON.parse(detailText)])
      expect(events).toContainEqual(['familyEnded', { family: 'idle', why: 'displaced' }])
    })

    it('count no device whose login is over, and let go of all that are too many', async () => {
      await using store = await open()
      const { login } = store
      await startFamily(login, 'expired', { expiresAt: NOW + 1 })
      await startFamily(login, 'logged out')
      await login.execute({ kind: 'logoutFamily', hash: hashOf('logged out 1'), now: NOW })
      await startFamily(login, 'a', {}, ADA, NOW + 1)
      expect(await startFamily(login, 'b', { most }, ADA, NOW + 2)).toEqual({ outcome: 'started', displaced: [] })
      expect(await startFamily(login, 'c', { most: 1 }, ADA, NOW + 3)).toEqual({ outcome: 'started', displaced: ['b', 'a'] })
      expect(['expired', 'logged out', 'a', 'b', 'c'].map(id => whyOf(login, id))).toEqual([
        'live',
        'logout',
        'displaced',
        'displaced',
        'live',
      ])
    })

    it('end the session that nobody was seen in for longest, with its data', async () => {
      await using store = await open()
      const { login } = store
      const begin = (secret: string, at: number, principal = ADA) =>
        startSession(login, secret, { most, expiresAt: NOW + 8 * HOUR }, principal, undefined, at)
      await begin('of bob', NOW, BOB)
      await begin('used', NOW)
      await begin('idle', NOW + 1)
      await login.execute({ kind: 'touch', principal: SYSTEM, tokens: [], sessions: [{ hash: hashOf('used'), at: NOW + 5 * MINUTE }] })
      const at = NOW + 6 * MINUTE
      expect(await begin('new', at)).toEqual({ outcome: 'started', displaced: [hashOf('idle')] })
      expect(['used', 'idle', 'new', 'of bob'].map(secret => standing(login, secret, at))).toEqual(['live', 'ended', 'live', 'live'])
      expect(login.getSessionData(hashOf('idle'), at)).toBeUndefined()
      expect(await startSession(login, 'instead', { most }, ADA, hashOf('used'), at)).toEqual({ outcome: 'started', displaced: [] })
      expect(standing(login, 'new', at)).toBe('live')
    })

    it('drop the device that has waited longest for somebody, and none that somebody has approved', async () => {
      await using store = await open()
      const { login } = store
      const begin = (id: string, at: number) => startDevice(login, id, { most }, at)
      await begin('approved', NOW)
      await login.execute({ kind: 'approveDevice', principal: ADA, userHash: hashOf('approved user'), scopes: ['read'], now: NOW })
      await begin('first', NOW + 1)
      await begin('second', NOW + 2)
      expect(await begin('third', NOW + 3)).toEqual({ outcome: 'started', dropped: 1 })
      const polled = ['approved', 'first', 'second', 'third'].map(async id => (await poll(login, id, NOW + 4)).outcome)
      expect(await Promise.all(polled)).toEqual(['approved', 'notFound', 'pending', 'pending'])
      expect(await begin('fourth', NOW + 11 * MINUTE)).toEqual({ outcome: 'started', dropped: 0 })
    })

    it('drop the login in a browser that was begun first', async () => {
      await using store = await open()
      const { login } = store
      const begin = (state: string, at: number) => startLogin(login, { most, stateHash: hashOf(state), expiresAt: at + 10 * MINUTE }, at)
      await begin('first', NOW)
      await begin('second', NOW + 1)
      expect(await begin('third', NOW + 2)).toEqual({ outcome: 'started', dropped: 1 })
      expect([await back(login, 'first'), await back(login, 'second'), await back(login, 'third')]).toEqual([
        'notFound',
        'consumed',
        'consumed',
      ])
      expect(await begin('fourth', NOW + 11 * MINUTE)).toEqual({ outcome: 'started', dropped: 0 })
    })
  })
}
