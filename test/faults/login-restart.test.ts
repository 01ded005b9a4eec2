/**
 * Logins of devices and a broker that is killed: what was begun goes on, what was approved is handed out, and a refresh whose answer died with the
 * broker is answered once more.
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { endProgram, type Running, startProgram } from '../../demo/src/processes.ts'
import { type LoginWorld, prepareBrokerWithLogin } from '../harness/broker-with-login.ts'
import { approve, logInDevice, poll, projectsBy, refresh, refusalOf, startLogin, tokensOf } from '../harness/oauth.ts'
import { TEST_TIMEOUT_MS } from './fake-federation.ts'

vi.setConfig({ testTimeout: TEST_TIMEOUT_MS })

const RATES = { rates: { person: { logins: { atOnce: 1_000, perMinute: 1_000 } } } }
const STOLEN = [400, 'invalid_grant', expect.stringContaining('two may hold it')]

/** A broker as a process of its own, to be killed. */
async function spawn({ file, folder, env }: LoginWorld, ...flags: string[]): Promise<Running> {
  const broker = await startProgram('test/faults/broker-under-test.ts', ['--config', file, ...flags], env, join(folder, 'broker.log'))
  onTestFinished(() => end(broker))
  return broker
}

/** How long a machine takes to start a broker is no part of a test: the clock of this one begins at the time that is given. */
function spawnAfter(world: LoginWorld, at: number): Promise<Running> {
  return spawn(world, '--clock-at', String(at))
}

async function end(broker: Running): Promise<void> {
  await endProgram(broker, 'SIGKILL')
}

describe('a device that logs in', () => {
  it('polls on, and gets what was approved, though the broker is killed before and after the approval', async () => {
    await using world = await prepareBrokerWithLogin()
    let broker = await spawn(world)
    const started = await startLogin(world.url)
    await end(broker)

    broker = await spawn(world)
    expect((await poll(world.url, started)).body.error).toBe('authorization_pending')
    await approve(world.url, 'alice', started)
    await end(broker)

    broker = await spawn(world)
    const tokens = tokensOf(await poll(world.url, started))
    expect(await projectsBy(world.url, tokens.access)).toEqual(['cancer'])
    await end(broker)

    broker = await spawn(world)
    expect((await poll(world.url, started)).body.error).toBe('invalid_grant')
    expect(await projectsBy(world.url, tokensOf(await refresh(world.url, tokens.refresh)).access)).toEqual(['cancer'])
    await end(broker)
  })
})

describe('a refresh whose answer died with the broker, between its commit and the answer', () => {
  it.each<[string, number, boolean]>([
    ['is answered once more within ten seconds, and the login goes on', 4_000, true],
    ['ends the login when it is tried later', 10_500, false],
  ])('%s', async (_, afterMs, goesOn) => {
    await using world = await prepareBrokerWithLogin({ limits: RATES })
    const doomed = await spawn(world, '--killed-after', 'rotateRefresh')
    const first = await logInDevice(world.url, 'alice')
    const ended = once(doomed.process, 'exit')
    const lost = refresh(world.url, first.refresh)
    await expect(lost).rejects.toThrow()
    expect(await ended).toEqual([null, 'SIGKILL'])
    doomed.wanted = true

    const next = await spawnAfter(world, Date.now() + afterMs)
    const again = await refresh(world.url, first.refresh)
    if (!goesOn) {
      expect(refusalOf(again)).toEqual(STOLEN)
      expect(await projectsBy(world.url, first.access)).toBe(401)
      return await end(next)
    }
    const found = tokensOf(again)
    expect(await projectsBy(world.url, found.access)).toEqual(['cancer'])
    const newest = tokensOf(await refresh(world.url, found.refresh))
    expect(refusalOf(await refresh(world.url, first.refresh))).toEqual(STOLEN)
    expect(refusalOf(await refresh(world.url, newest.refresh))).toEqual(STOLEN)
    await end(next)
  })
})

it('devices that refresh all the time lose no login to three kills at any moment', async () => {
  await using world = await prepareBrokerWithLogin({ limits: RATES })
  let clock = Date.now()
  let broker = await spawnAfter(world, clock)
  let listeningAt = performance.now()
  const held: string[] = []
  for (let device = 0; device < 4; device++) held.push((await logInDevice(world.url, 'alice')).refresh)
  for (const kills of [1, 2, 3]) {
    let answers = 0
    const enough = Promise.withResolvers<void>()
    const devices = held.map(async (_, device) => {
      for (;;) {
        const answer = await refresh(world.url, held[device] ?? '').catch(() => undefined)
        if (answer === undefined) return
        held[device] = tokensOf(answer).refresh
        answers += 1
        if (answers === 10 * kills) enough.resolve()
      }
    })
    await enough.promise
    await end(broker)
    clock += performance.now() - listeningAt
    await Promise.all(devices)
    broker = await spawnAfter(world, clock)
    listeningAt = performance.now()
    for (const [device, token] of held.entries()) held[device] = tokensOf(await refresh(world.url, token)).refresh
  }
})
