/**
 * What the broker asks a login for in the name of a person who is away, where the login replaces each refresh token that is exchanged and takes one that
 * is shown twice for a theft. Two processes on one store ask here, each with a handle and a writer of its own.
 */
import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LoginUnavailable } from '../../src/auth/login.ts'
import { SYSTEM } from '../../src/auth/principal.ts'
import type { OpenedLogin } from '../open-test-login.ts'
import { type LoginWorld, startWorld } from './login-world.ts'

const HOUR_MS = 3_600_000
const TOKEN = '/oidc/token'

let world: LoginWorld
let other: OpenedLogin
let owned: AsyncDisposableStack
beforeEach(async () => {
  owned = new AsyncDisposableStack()
  world = owned.use(await startWorld({ refreshTokens: 'rotated' }))
  const store = owned.use(await world.api.openStore())
  other = owned.use(await world.openAnother(store.login))
  await world.comeBack('alice')
})
afterEach(() => owned.disposeAsync())

const person = () => world.personOf('alice')
const held = () => world.api.logins.getUpstreamRefresh(SYSTEM, person())
const ask = (process: OpenedLogin) => process.subjectTokens.subjectTokenOf(person())
const askBoth = () => Promise.all([world.opened(), other].map(ask))
const exchanges = async () => (await world.login.countRequests())[TOKEN] ?? 0
/** What a process does that dies before it settles. */
const claim = () =>
  world.api.logins.execute({ kind: 'claimUpstream', principal: SYSTEM, person: person(), claim: 'dead', ttlMs: 12_000, now: Date.now() })
const settle = (upstreamRefresh?: string) =>
  world.api.logins.execute({ kind: 'settleUpstream', principal: SYSTEM, person: person(), claim: 'dead', upstreamRefresh })

describe('two processes that need tokens of one person at once', () => {
  it('exchange one refresh token after the other, and the login goes on giving', async () => {
    const seen = new Set([held()])
    for (let round = 0; round < 4; round += 1) {
      await world.login.setFaults({ kind: 'slow', path: '/token', ms: 150 })
      const before = await exchanges()
      const tokens = await askBoth()
      for (const token of tokens) expect(decodeJwt(token?.reveal() ?? '')).toMatchObject({ sub: person().subject })
      expect((await exchanges()) - before).toBe(2)
      seen.add(held())
      // Both hold their own until it is nearly over.
      expect((await askBoth()).map(token => token?.reveal())).toEqual(tokens.map(token => token?.reveal()))
      world.advance(2 * HOUR_MS)
    }
    expect(seen.size).toBe(5)
  })

  it('wait for nobody who has died', async () => {
    await claim()
    world.advance(12_000)
    for (const token of await askBoth()) expect(token).toBeDefined()
  })

  it('wait for one who is slow, and exchange what that one leaves', async () => {
    const claimed = await claim()
    if (claimed.outcome !== 'claimed') throw new Error('there is nothing to claim')
    const before = await exchanges()
    const waiting = askBoth()
    expect(await exchanges()).toBe(before)
    await settle()
    for (const token of await waiting) expect(token).toBeDefined()
  })

  it('are told to ask later where the login fails, and leave the right to ask behind', async () => {
    const refresh = held()
    await world.login.setFaults({ kind: 'status', path: '/token', status: 503 })
    await expect(ask(world.opened())).rejects.toThrow(LoginUnavailable)
    expect(held()).toBe(refresh)
    await world.login.setFaults()
    for (const token of await askBoth()) expect(token).toBeDefined()
  })

  it('keep what a new login of the person brings, whatever was being exchanged', async () => {
    await world.login.setFaults({ kind: 'slow', path: '/token', ms: 1_000 })
    const before = await exchanges()
    const asking = ask(world.opened())
    await expect.poll(exchanges, { timeout: 10_000 }).toBe(before + 1)
    await world.login.setFaults()
    const { refreshToken } = await world.comeBack('alice')
    expect(await asking).toBeDefined()
    expect(held()).toBe(refreshToken)
    world.advance(2 * HOUR_MS)
    for (const token of await askBoth()) expect(token).toBeDefined()
  })

  it('both know it when the login takes the refresh token no more', async () => {
    await world.login.revokeTokens('alice')
    expect(await askBoth()).toEqual([undefined, undefined])
    expect(held()).toBeUndefined()
  })
})
