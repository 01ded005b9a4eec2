import type { ProjectId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { type Principal, SYSTEM } from '../../auth/principal.ts'
import { ADA, ADMIN, BOB, NOW, PROJECT } from '../contract/builders.ts'
import type { OpenLoginStore } from '../login-store.contract.ts'
import { createToken, hashOf, MINUTE, personOf, tokenId } from './builders.ts'

const BOUND: Principal = { ...ADA, project: PROJECT }

export function describeTokens(open: OpenLoginStore): void {
  describe('personal tokens', () => {
    it('finds a token by its hash, and by nothing else', async () => {
      await using store = await open()
      const { login } = store
      expect(await createToken(login, 't', { project: PROJECT, expiresAt: NOW + MINUTE })).toEqual({ outcome: 'created' })
      expect(login.findToken(hashOf('t'), NOW)).toEqual({
        standing: 'live',
        token: {
          id: 't',
          owner: personOf(ADA),
          project: PROJECT,
          scopes: ['read'],
          name: 'nextflow',
          createdAt: NOW,
          expiresAt: NOW + MINUTE,
          lastUsedAt: undefined,
          revokedAt: undefined,
        },
      })
      expect(login.findToken(hashOf('T'), NOW)).toBeUndefined()
    })

    it('gives no hash to two tokens', async () => {
      await using store = await open()
      await createToken(store.login, 't')
      await expect(createToken(store.login, 'other', { hash: hashOf('t') }, BOB)).rejects.toThrow()
      expect(store.login.findToken(hashOf('t'), NOW)?.token.owner).toEqual(personOf(ADA))
    })

    it('takes nothing for a hash that is none', async () => {
      await using store = await open()
      await expect(createToken(store.login, 't', { hash: 'portolan_pat_secret' as ReturnType<typeof hashOf> })).rejects.toThrow()
    })

    it('T02 is live until it expires or is revoked, and says which', async () => {
      await using store = await open()
      const { login } = store
      await createToken(login, 't', { expiresAt: NOW + MINUTE })
      const standing = (now: number) => login.findToken(hashOf('t'), now)?.standing
      expect([standing(NOW + MINUTE - 1), standing(NOW + MINUTE)]).toEqual(['live', 'expired'])
      expect(await login.execute({ kind: 'revokeToken', principal: ADA, id: tokenId('t'), now: NOW + 5 })).toEqual({ outcome: 'revoked' })
      expect(standing(NOW + 5)).toBe('revoked')
    })

    it('T03 is revoked once, by its owner or an admin; to others it does not exist', async () => {
      await using store = await open()
      const { login } = store
      const revoke = async (id: string, principal: Principal) =>
        (await login.execute({ kind: 'revokeToken', principal, id: tokenId(id), now: NOW })).outcome
      for (const id of ['a', 'b', 'c']) await createToken(login, id)
      await createToken(login, 'bound', { project: PROJECT })
      expect(await revoke('a', BOB)).toBe('notFound')
      expect(await revoke('none', ADMIN)).toBe('notFound')
      expect(await revoke('a', ADA)).toBe('revoked')
      expect(await revoke('a', ADMIN)).toBe('alreadyRevoked')
      expect(await revoke('b', ADMIN)).toBe('revoked')
      expect(await revoke('c', BOUND)).toBe('notFound')
      expect(await revoke('bound', { ...ADA, project: 'other' as ProjectId })).toBe('notFound')
      expect(await revoke('bound', BOUND)).toBe('revoked')
    })

    it.each<[string, Principal, { project?: ProjectId; scopes?: Principal['scopes'] }, string]>([
      ['is no way to a scope that one lacks', { ...ADA, scopes: ['read'] }, { scopes: ['read', 'write'] }, 'exceeds'],
      ['is no way out of the project that a credential is bound to', BOUND, { project: undefined }, 'exceeds'],
      ['is no way into another project', BOUND, { project: 'other' as ProjectId }, 'exceeds'],
      ['is made in the project that a credential is bound to', BOUND, { project: PROJECT }, 'created'],
    ])('T04 %s', async (_, principal, changes, outcome) => {
      await using store = await open()
      expect(await createToken(store.login, 't', changes, principal)).toEqual({ outcome })
      expect(store.login.findToken(hashOf('t'), NOW) !== undefined).toBe(outcome === 'created')
    })

    it('notes its use at most once a minute, never back in time, and only for the broker', async () => {
      await using store = await open()
      const { login } = store
      await createToken(login, 't')
      const touch = async (at: number) =>
        (await login.execute({ kind: 'touch', principal: SYSTEM, tokens: [{ id: tokenId('t'), at }], sessions: [] })).written
      expect(await touch(NOW)).toBe(1)
      expect(await touch(NOW + MINUTE - 1)).toBe(0)
      expect(await touch(NOW - MINUTE)).toBe(0)
      expect(login.findToken(hashOf('t'), NOW)?.token.lastUsedAt).toBe(NOW)
      expect(await touch(NOW + MINUTE)).toBe(1)
      expect(login.findToken(hashOf('t'), NOW)?.token.lastUsedAt).toBe(NOW + MINUTE)
      await expect(login.execute({ kind: 'touch', principal: ADMIN, tokens: [], sessions: [] })).rejects.toThrow('the broker itself')
    })

    it('lists what is theirs to a person, and everything to an admin, newest first', async () => {
      await using store = await open()
      const { login } = store
      await createToken(login, 'a1', {}, ADA, NOW)
      await createToken(login, 'a2', { project: PROJECT }, ADA, NOW + 1)
      await createToken(login, 'b1', {}, BOB, NOW + 2)
      const list = (principal: Principal, owner?: Principal) =>
        login.listTokens(principal, { owner: owner && personOf(owner), size: 10 }).rows.map(({ id }) => id)
      expect(list(ADA)).toEqual(['a2', 'a1'])
      expect(list(ADA, ADA)).toEqual(['a2', 'a1'])
      expect(list(ADA, BOB)).toEqual([])
      expect(list(BOUND)).toEqual(['a2'])
      expect(list(ADMIN)).toEqual(['b1', 'a2', 'a1'])
      expect(list(ADMIN, ADA)).toEqual(['a2', 'a1'])
    })

    it('I10: lists each once over pages, tokens of one moment too', async () => {
      await using store = await open()
      const { login } = store
      for (let number = 0; number < 7; number += 1) await createToken(login, `t${number}`, {}, ADA, NOW + Math.floor(number / 3))
      const seen: string[] = []
      for (let after: ReturnType<typeof login.listTokens>['next'], more = true; more; ) {
        const page = login.listTokens(ADA, { size: 2, after })
        seen.push(...page.rows.map(({ id }) => id))
        after = page.next
        more = after !== undefined
      }
      expect(seen).toEqual(['t6', 't5', 't4', 't3', 't2', 't1', 't0'])
    })
  })
}
