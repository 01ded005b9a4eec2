import { describe, expect, it } from 'vitest'
import { SYSTEM } from '../../auth/principal.ts'
import { ADA, ADMIN, BOB, NOW } from '../contract/builders.ts'
import type { OpenLoginStore } from '../login-store.contract.ts'
import { createToken, HOUR, logIn, personOf, startFamily, tokenId } from './builders.ts'

const PERSON = personOf(ADA)

export function describePersons(open: OpenLoginStore): void {
  describe('persons', () => {
    it('keeps what was said at the last login, and when the person first came', async () => {
      await using store = await open()
      const { login } = store
      expect(login.getPerson(ADA, PERSON)).toBeUndefined()
      await login.execute({
        kind: 'recordLogin',
        principal: ADA,
        claimsText: '{"n":1}',
        linked: { issuer: 'up', subject: 'u' },
        client: 'browser',
        now: NOW,
      })
      expect(login.getPerson(ADA, PERSON)).toEqual({
        ...PERSON,
        claimsText: '{"n":1}',
        claimsAt: NOW,
        firstSeenAt: NOW,
        lastLoginAt: NOW,
        linked: { issuer: 'up', subject: 'u' },
      })
      await logIn(login, ADA, { claimsText: '{"n":2}', now: NOW + HOUR })
      expect(login.getPerson(ADA, PERSON)).toEqual({
        ...PERSON,
        claimsText: '{"n":2}',
        claimsAt: NOW + HOUR,
        firstSeenAt: NOW,
        lastLoginAt: NOW + HOUR,
        linked: undefined,
      })
    })

    it('tells persons of two issuers apart, whatever their subjects', async () => {
      await using store = await open()
      await logIn(store.login)
      await logIn(store.login, { ...ADA, issuer: `${ADA.issuer}/` }, { claimsText: '{"other":true}' })
      expect(store.login.getPerson(ADA, PERSON)?.claimsText).toBe('{"name":"Ada"}')
    })

    it('shows a person to themselves, to admins and to the broker', async () => {
      await using store = await open()
      await logIn(store.login)
      const seen = [ADA, BOB, ADMIN, SYSTEM].map(principal => store.login.getPerson(principal, PERSON)?.subject)
      expect(seen).toEqual([ADA.subject, undefined, ADA.subject, ADA.subject])
    })

    it('takes newer claims from the broker, and none that are older', async () => {
      await using store = await open()
      const { login } = store
      const renew = (claimsAt: number, claimsText: string, principal = SYSTEM) =>
        login.execute({ kind: 'renewClaims', principal, person: PERSON, claimsText, claimsAt })
      expect(await renew(NOW, '{}')).toEqual({ outcome: 'notFound' })
      await logIn(login)
      expect(await renew(NOW + 2, '{"n":2}')).toEqual({ outcome: 'done' })
      expect(await renew(NOW + 1, '{"n":1}')).toEqual({ outcome: 'stale' })
      expect(login.getPerson(ADA, PERSON)).toMatchObject({ claimsText: '{"n":2}', claimsAt: NOW + 2, lastLoginAt: NOW })
      await expect(renew(NOW + 3, '{}', ADMIN)).rejects.toThrow('the broker itself')
    })

    it('leaves an event of each login and of what is given out and taken back, for the person and those who see all', async () => {
      await using store = await open()
      const { login } = store
      await logIn(login)
      await createToken(login, 't', { expiresAt: NOW + HOUR })
      await login.execute({ kind: 'revokeToken', principal: ADMIN, id: tokenId('t'), now: NOW + 1 })
      await startFamily(login)
      await logIn(login, BOB)
      const told = login.getPersonEvents(ADA, PERSON, 10).map(({ at, kind, detailText = '{}' }) => [at, kind, JSON.parse(detailText)])
      expect(told).toEqual([
        [NOW, 'familyStarted', { family: 'f', client: 'cli laptop', scopes: ['read', 'write'] }],
        [NOW + 1, 'tokenRevoked', { token: tokenId('t') }],
        [NOW, 'tokenCreated', { token: tokenId('t'), scopes: ['read'], expiresAt: NOW + HOUR }],
        [NOW, 'login', { client: 'browser' }],
      ])
      expect(login.getPersonEvents(ADMIN, PERSON, 1)).toHaveLength(1)
      expect(login.getPersonEvents(BOB, PERSON, 10)).toEqual([])
    })
  })
}
