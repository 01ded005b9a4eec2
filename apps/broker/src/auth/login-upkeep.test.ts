import { describe, expect, it } from 'vitest'
import { ADA, create, NOW, workId } from '../stores/contract/builders.ts'
import { openTemporary } from '../stores/contract/temporary.ts'
import { createToken, hashOf, MINUTE, startSession, tokenId } from '../stores/login-contract/builders.ts'
import { createLoginUpkeep } from './login-upkeep.ts'

const never = new AbortController().signal

async function openUpkeep() {
  const clock = { now: NOW }
  const { store } = await openTemporary({ diesAt: workId(1) })
  const upkeep = createLoginUpkeep(store.login, () => clock.now)
  await createToken(store.login, 't')
  await startSession(store.login, 's')
  const lastUse = () => store.login.findToken(hashOf('t'), NOW)?.token.lastUsedAt
  return { store, upkeep, clock, lastUse }
}

describe('the upkeep of logins', () => {
  it('writes the uses that were noted, and none before its round', async () => {
    const { store, upkeep, clock, lastUse } = await openUpkeep()
    await using _ = store
    clock.now = NOW + MINUTE
    upkeep.noteToken(tokenId('t'))
    upkeep.noteSession(hashOf('s'))
    expect(lastUse()).toBeUndefined()
    expect(await upkeep.round(never)).toBeGreaterThan(clock.now)
    expect(lastUse()).toBe(NOW + MINUTE)
    expect(store.login.findSession(hashOf('s'), NOW)?.session.lastSeenAt).toBe(NOW + MINUTE)
  })

  it('notes a use once a minute, however many there are', async () => {
    const { store, upkeep, clock, lastUse } = await openUpkeep()
    await using _ = store
    for (let use = 0; use < 1_000; use += 1) {
      upkeep.noteToken(tokenId('t'))
      clock.now += 59
    }
    await upkeep.round(never)
    expect(lastUse()).toBe(NOW)
    clock.now = NOW + MINUTE
    upkeep.noteToken(tokenId('t'))
    await upkeep.round(never)
    expect(lastUse()).toBe(NOW + MINUTE)
  })

  it('keeps what the store could not take, for the next round', async () => {
    const { store, upkeep, lastUse } = await openUpkeep()
    await using _ = store
    upkeep.noteToken(tokenId('t'))
    const lost = await Promise.allSettled([create(store, workId(1), {}, ADA), upkeep.round(never)])
    expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect
      .poll(
        () =>
          upkeep.round(never).then(
            () => 'written',
            () => 'refused',
          ),
        { timeout: 15_000 },
      )
      .toBe('written')
    expect(lastUse()).toBe(NOW)
  })

  it('lets go what has expired, in steps, once a minute', async () => {
    const { store, upkeep, clock } = await openUpkeep()
    await using _ = store
    await Promise.all(Array.from({ length: 700 }, (_, number) => startSession(store.login, `s${number}`, { expiresAt: NOW + 1 })))
    const left = () => [0, 699].filter(number => store.login.findSession(hashOf(`s${number}`), NOW) !== undefined)
    await upkeep.round(never)
    expect(left()).toEqual([0, 699])
    clock.now = NOW + MINUTE - 1
    await upkeep.round(never)
    expect(left()).toEqual([0, 699])
    clock.now = NOW + MINUTE
    await upkeep.round(never)
    expect(left()).toEqual([])
  })
})
