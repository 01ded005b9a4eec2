import { describe, expect, it } from 'vitest'
import type { Principal } from '../../auth/principal.ts'
import { ADA, ADMIN, BOB, NOW, PROJECT } from '../contract/builders.ts'
import type { OpenLoginStore } from '../login-store.contract.ts'
import { DAY, familyId, hashOf, MINUTE, personOf, rotate, startFamily } from './builders.ts'

const ID = familyId('f')

export function describeFamilies(open: OpenLoginStore): void {
  describe('refresh families', () => {
    it('hands the right on from token to token', async () => {
      await using store = await open()
      const { login } = store
      expect(await startFamily(login, 'f', { project: PROJECT })).toEqual({ outcome: 'started', displaced: [] })
      expect(await rotate(login, 'f 1', 'f 2')).toMatchObject({ outcome: 'rotated', family: { id: ID, owner: personOf(ADA), current: 2 } })
      expect(await rotate(login, 'f 2', 'f 3', { now: NOW + DAY })).toMatchObject({ outcome: 'rotated', family: { current: 3 } })
      expect(login.getFamily(ADA, ID)).toEqual({
        id: ID,
        owner: personOf(ADA),
        project: PROJECT,
        scopes: ['read', 'write'],
        client: 'cli laptop',
        createdAt: NOW,
        expiresAt: NOW + 30 * DAY,
        current: 3,
        endedAt: undefined,
        why: undefined,
      })
      expect(await rotate(login, 'f 4', 'f 5')).toEqual({ outcome: 'notFound' })
    })

    it('is found by each of its tokens, and exchanges none by that', async () => {
      await using store = await open()
      const { login } = store
      await startFamily(login)
      await rotate(login, 'f 1', 'f 2')
      for (const secret of ['f 1', 'f 2'])
        expect(login.findFamily(hashOf(secret))).toMatchObject({ id: ID, client: 'cli laptop', current: 2 })
      expect(login.findFamily(hashOf('f 3'))).toBeUndefined()
      expect(await rotate(login, 'f 2', 'f 3')).toMatchObject({ outcome: 'rotated' })
      await rotate(login, 'f 3', 'f 4', { client: 'cli mallory' })
      expect(login.findFamily(hashOf('f 2'))).toMatchObject({ why: 'reuse' })
    })

    it('answers a token again within ten seconds, and only the further successor counts', async () => {
      await using store = await open()
      const { login } = store
      await startFamily(login)
      await rotate(login, 'f 1', 'lost')
      expect(await rotate(login, 'f 1', 'found', { now: NOW + 9_000 })).toMatchObject({ outcome: 'again', family: { current: 3 } })
      expect(await rotate(login, 'found', 'next', { now: NOW + DAY })).toMatchObject({ outcome: 'rotated', family: { current: 4 } })
    })

    it.each<[string, string, { client?: string; now?: number }]>([
      ['its first token behind ten seconds', 'f 1', { now: NOW + 10_001 }],
      ['its first token as another client', 'f 1', { client: 'cli mallory' }],
      ['its current token as another client', 'f 2', { client: 'cli mallory' }],
    ])('ends by reuse when somebody presents %s, and no token of it opens anything', async (_, secret, changes) => {
      await using store = await open()
      const { login } = store
      await startFamily(login)
      await rotate(login, 'f 1', 'f 2')
      expect(await rotate(login, secret, 'f 3', changes)).toMatchObject({ outcome: 'reuse', family: { why: 'reuse' } })
      for (const old of ['f 1', 'f 2']) expect(await rotate(login, old, 'f 4')).toMatchObject({ outcome: 'ended', why: 'reuse' })
      expect(await rotate(login, 'f 3', 'f 4')).toEqual({ outcome: 'notFound' })
      const [event] = login.getPersonEvents(ADA, personOf(ADA), 1)
      expect(event).toMatchObject({ kind: 'familyEnded', detailText: JSON.stringify({ family: 'f', why: 'reuse' }) })
    })

    it('ends by reuse when the token whose answer was lost turns up after all', async () => {
      await using store = await open()
      const { login } = store
      await startFamily(login)
      await rotate(login, 'f 1', 'lost')
      await rotate(login, 'f 1', 'found')
      expect(await rotate(login, 'lost', 'next')).toMatchObject({ outcome: 'reuse' })
      expect(await rotate(login, 'found', 'next')).toMatchObject({ outcome: 'ended', why: 'reuse' })
    })

    it('lets of many who present one token at once two through at most, then ends', async () => {
      await using store = await open()
      const { login } = store
      await startFamily(login)
      const answers = await Promise.all(['a', 'b', 'c', 'd'].map(successor => rotate(login, 'f 1', successor)))
      expect(answers.map(({ outcome }) => outcome)).toEqual(['rotated', 'again', 'reuse', 'ended'])
    })

    it('does not outlive its last day, however often it rotates', async () => {
      await using store = await open()
      const { login } = store
      await startFamily(login, 'f', { expiresAt: NOW + MINUTE })
      await rotate(login, 'f 1', 'f 2', { now: NOW + MINUTE - 1 })
      expect(await rotate(login, 'f 2', 'f 3', { now: NOW + MINUTE })).toMatchObject({ outcome: 'ended', why: 'expired' })
      expect(login.getFamily(ADA, ID)).toMatchObject({ endedAt: NOW + MINUTE, why: 'expired' })
    })

    it('takes no successor that was given out before, and stays as it is', async () => {
      await using store = await open()
      const { login } = store
      await startFamily(login)
      await startFamily(login, 'g')
      await expect(rotate(login, 'f 1', 'g 1')).rejects.toThrow()
      expect(await rotate(login, 'f 1', 'f 2')).toMatchObject({ outcome: 'rotated' })
    })

    it('is logged out by who has one of its tokens', async () => {
      await using store = await open()
      const { login } = store
      await startFamily(login)
      const logOut = (secret: string) => login.execute({ kind: 'logoutFamily', hash: hashOf(secret), now: NOW })
      expect(await logOut('unknown')).toEqual({ outcome: 'notFound' })
      expect(await logOut('f 1')).toEqual({ outcome: 'ended' })
      expect(await logOut('f 1')).toEqual({ outcome: 'alreadyEnded' })
      expect(await rotate(login, 'f 1', 'f 2')).toMatchObject({ outcome: 'ended', why: 'logout' })
    })

    it('is seen and revoked by its owner or an admin; to others it does not exist', async () => {
      await using store = await open()
      const { login } = store
      await startFamily(login)
      const revoke = (principal: Principal) => login.execute({ kind: 'revokeFamily', principal, id: ID, now: NOW })
      for (const principal of [BOB, { ...ADA, project: PROJECT }]) {
        expect(login.getFamily(principal, ID)).toBeUndefined()
        expect(await revoke(principal)).toEqual({ outcome: 'notFound' })
        expect(login.listFamilies(principal, { size: 9 }).rows).toEqual([])
      }
      expect(login.listFamilies(ADMIN, { size: 9 }).rows).toHaveLength(1)
      expect(await revoke(ADMIN)).toEqual({ outcome: 'ended' })
      expect(await revoke(ADA)).toEqual({ outcome: 'alreadyEnded' })
      expect(login.listFamilies(ADA, { size: 9 }).rows).toMatchObject([{ id: ID, why: 'revoked' }])
    })

    it('is not begun with more than the credential behind it has', async () => {
      await using store = await open()
      expect(await startFamily(store.login, 'f', {}, { ...ADA, scopes: ['read'] })).toEqual({ outcome: 'exceeds' })
      expect(store.login.getFamily(ADA, ID)).toBeUndefined()
    })
  })
}
