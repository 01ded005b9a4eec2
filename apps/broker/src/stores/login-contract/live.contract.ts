import { describe, expect, it } from 'vitest'
import { ADA, BOB, NOW, PROJECT } from '../contract/builders.ts'
import type { OpenLoginStore } from '../login-store.contract.ts'
import { createToken, DAY, familyId, personOf, startFamily, tokenId } from './builders.ts'

export function describeLive(open: OpenLoginStore): void {
  describe('what is live of a person', () => {
    it('is what has neither ended nor expired, newest first, at most so many of each, for them and for nobody else', async () => {
      await using store = await open()
      const { login } = store
      for (const [index, id] of ['first', 'revoked', 'expired', 'last'].entries()) {
        const expiresAt = id === 'expired' ? NOW + DAY : NOW + 30 * DAY
        await createToken(login, id, { expiresAt }, ADA, NOW + index)
        await startFamily(login, id, { expiresAt }, ADA, NOW + index)
      }
      await createToken(login, 'of bob', {}, BOB)
      await login.execute({ kind: 'revokeToken', principal: ADA, id: tokenId('revoked'), now: NOW + 9 })
      await login.execute({ kind: 'revokeFamily', principal: ADA, id: familyId('revoked'), now: NOW + 9 })
      const live = (principal: typeof ADA, most: number) => {
        const { devices, tokens } = login.listLive(principal, personOf(ADA), { most, now: NOW + 2 * DAY })
        return [devices.map(({ id }) => id), tokens.map(({ id }) => id)]
      }
      expect(live(ADA, 9)).toEqual([
        ['last', 'first'],
        ['last', 'first'],
      ])
      expect(live(ADA, 1)).toEqual([['last'], ['last']])
      expect([live(BOB, 9), live({ ...ADA, project: PROJECT }, 9)]).toEqual([
        [[], []],
        [[], []],
      ])
    })
  })
}
