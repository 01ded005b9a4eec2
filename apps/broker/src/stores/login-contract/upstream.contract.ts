import { describe, expect, it } from 'vitest'
import { SYSTEM } from '../../auth/principal.ts'
import { ADA, ADMIN, BOB, NOW } from '../contract/builders.ts'
import type { OpenLoginStore } from '../login-store.contract.ts'
import type { LoginStore } from '../login-store.ts'
import { logIn, MINUTE, personOf } from './builders.ts'

const PERSON = personOf(ADA)

const held = (login: LoginStore) => login.getUpstreamRefresh(SYSTEM, PERSON)
const bring = (login: LoginStore, upstreamRefresh: string, principal = ADA) =>
  login.execute({ kind: 'recordLogin', principal, claimsText: '{}', upstreamRefresh, client: 'browser', now: NOW })
const claim = (login: LoginStore, name: string, now = NOW, person = PERSON) =>
  login.execute({ kind: 'claimUpstream', principal: SYSTEM, person, claim: name, ttlMs: MINUTE, now })
const settle = async (login: LoginStore, name: string, upstreamRefresh?: string | null) =>
  (await login.execute({ kind: 'settleUpstream', principal: SYSTEM, person: PERSON, claim: name, upstreamRefresh })).outcome
const forget = (login: LoginStore) => login.execute({ kind: 'forgetUpstream', principal: SYSTEM, person: PERSON })

export function describeUpstream(open: OpenLoginStore): void {
  describe("the issuer's refresh token", () => {
    it('stays until a login brings another one, and is answered a last time when it is forgotten', async () => {
      await using store = await open()
      const { login } = store
      expect(await forget(login)).toEqual({ outcome: 'done' })
      await bring(login, 'one')
      await logIn(login)
      expect(held(login)).toBe('one')
      await bring(login, 'two')
      expect(held(login)).toBe('two')
      expect(await forget(login)).toEqual({ outcome: 'done', upstreamRefresh: 'two' })
      expect(held(login)).toBeUndefined()
      expect(await forget(login)).toEqual({ outcome: 'done' })
    })

    it('is for the broker alone', async () => {
      await using store = await open()
      const { login } = store
      await bring(login, 'one')
      for (const principal of [ADA, ADMIN]) {
        expect(() => login.getUpstreamRefresh(principal, PERSON)).toThrow('the broker itself')
        const asks = { principal, person: PERSON, claim: 'c' }
        await expect(login.execute({ kind: 'claimUpstream', ...asks, ttlMs: MINUTE, now: NOW })).rejects.toThrow('the broker itself')
        await expect(login.execute({ kind: 'settleUpstream', ...asks })).rejects.toThrow('the broker itself')
        await expect(login.execute({ kind: 'forgetUpstream', ...asks })).rejects.toThrow('the broker itself')
      }
    })

    it('is exchanged by one at a time, who hands on what the issuer gave', async () => {
      await using store = await open()
      const { login } = store
      expect(await claim(login, 'a')).toEqual({ outcome: 'absent' })
      await bring(login, 'one')
      const claims = await Promise.all(['a', 'b', 'c'].map(name => claim(login, name)))
      const taken = { outcome: 'taken', until: NOW + MINUTE }
      expect(claims).toEqual([{ outcome: 'claimed', upstreamRefresh: 'one' }, taken, taken])
      expect([await settle(login, 'b', 'stolen'), held(login)]).toEqual(['lost', 'one'])
      expect([await settle(login, 'a', 'two'), held(login)]).toEqual(['done', 'two'])
      expect(await settle(login, 'a', 'three')).toBe('lost')
      expect(await claim(login, 'b')).toEqual({ outcome: 'claimed', upstreamRefresh: 'two' })
    })

    it('stays as it is when the issuer gave no other, and goes when the issuer takes it no more', async () => {
      await using store = await open()
      const { login } = store
      await bring(login, 'one')
      await claim(login, 'a')
      expect([await settle(login, 'a'), held(login)]).toEqual(['done', 'one'])
      await claim(login, 'b')
      expect([await settle(login, 'b', null), held(login)]).toEqual(['done', undefined])
      expect(await claim(login, 'c')).toEqual({ outcome: 'absent' })
    })

    it('is free again when its holder has died: from its end on, for one of many, and the dead one writes nothing', async () => {
      await using store = await open()
      const { login } = store
      await bring(login, 'one')
      await claim(login, 'dead')
      expect(await claim(login, 'b', NOW + MINUTE - 1)).toEqual({ outcome: 'taken', until: NOW + MINUTE })
      const claims = await Promise.all(['b', 'c'].map(name => claim(login, name, NOW + MINUTE)))
      expect(claims.map(({ outcome }) => outcome)).toEqual(['claimed', 'taken'])
      expect([await settle(login, 'dead', 'late'), held(login)]).toEqual(['lost', 'one'])
      expect(await settle(login, 'b', 'two')).toBe('done')
    })

    it('still belongs to who was slow, if nobody else has taken it', async () => {
      await using store = await open()
      const { login } = store
      await bring(login, 'one')
      await claim(login, 'slow', NOW - MINUTE)
      expect([await settle(login, 'slow', 'two'), held(login)]).toEqual(['done', 'two'])
    })

    it('is held against who looked at the clock earlier and came later', async () => {
      await using store = await open()
      const { login } = store
      await bring(login, 'one')
      await claim(login, 'a', NOW + 1)
      expect(await claim(login, 'b', NOW)).toEqual({ outcome: 'taken', until: NOW + 1 + MINUTE })
    })

    it('is not held for longer when the clock was set back', async () => {
      await using store = await open()
      const { login } = store
      await bring(login, 'one')
      await claim(login, 'a', NOW + 60 * MINUTE)
      expect(await claim(login, 'b', NOW)).toMatchObject({ outcome: 'claimed' })
    })

    it('of a new login ends the exchange of the old one, a logout too, and a login that brings none does not', async () => {
      await using store = await open()
      const { login } = store
      await bring(login, 'one')
      await claim(login, 'a')
      await logIn(login)
      expect(await settle(login, 'a', 'two')).toBe('done')
      await claim(login, 'b')
      await bring(login, 'new')
      expect([await settle(login, 'b', 'three'), held(login)]).toEqual(['lost', 'new'])
      await claim(login, 'c')
      await forget(login)
      expect([await settle(login, 'c', 'four'), held(login)]).toEqual(['lost', undefined])
    })

    it('of one person holds up nobody else', async () => {
      await using store = await open()
      const { login } = store
      await bring(login, 'one')
      await bring(login, 'of bob', BOB)
      await claim(login, 'a')
      expect(await claim(login, 'b', NOW, personOf(BOB))).toEqual({ outcome: 'claimed', upstreamRefresh: 'of bob' })
    })
  })
}
