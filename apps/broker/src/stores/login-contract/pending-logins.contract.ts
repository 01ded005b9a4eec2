import { describe, expect, it } from 'vitest'
import { ADA, NOW } from '../contract/builders.ts'
import type { OpenLoginStore } from '../login-store.contract.ts'
import type { LoginCommand, LoginStore } from '../login-store.ts'
import { hashOf, MINUTE, startLogin } from './builders.ts'

function consume(login: LoginStore, changes: Partial<Extract<LoginCommand, { kind: 'consumeLogin' }>> = {}) {
  const hashes = { stateHash: hashOf('state'), bindingHash: hashOf('cookie') }
  return login.execute({ kind: 'consumeLogin', ...hashes, issuer: ADA.issuer, now: NOW, ...changes })
}

export function describePendingLogins(open: OpenLoginStore): void {
  describe('T13 pending logins', () => {
    it('gives its text to one of many who come back', async () => {
      await using store = await open()
      await startLogin(store.login)
      const answers = await Promise.all([consume(store.login), consume(store.login)])
      expect(answers).toEqual([{ outcome: 'consumed', text: '{"verifier":"v"}' }, { outcome: 'used' }])
    })

    it.each<[string, Parameters<typeof consume>[1], string]>([
      ['an unknown state', { stateHash: hashOf('guess') }, 'notFound'],
      ['another browser', { bindingHash: hashOf('other cookie') }, 'otherBrowser'],
      ['another issuer', { issuer: `${ADA.issuer}/` }, 'otherIssuer'],
      ['ten minutes', { now: NOW + 10 * MINUTE }, 'expired'],
    ])('is not consumed by %s, and goes on waiting for the right one', async (_, changes, outcome) => {
      await using store = await open()
      await startLogin(store.login)
      expect(await consume(store.login, changes)).toEqual({ outcome })
      expect(await consume(store.login)).toMatchObject({ outcome: 'consumed' })
    })

    it('has a state of its own', async () => {
      await using store = await open()
      await startLogin(store.login)
      await expect(startLogin(store.login, { bindingHash: hashOf('other') })).rejects.toThrow()
    })
  })
}
