import { describe, expect, it } from 'vitest'
import { startWakeLoop } from './wake-loop.ts'

const FAR = Number.MAX_SAFE_INTEGER

/** A loop that tells of each round, and lets the test wait for the n-th. */
function observed(round: (n: number) => Promise<number>) {
  let rounds = 0
  let arrived: (() => void) | undefined
  const errors: unknown[] = []
  const loop = startWakeLoop({
    round: async () => {
      rounds += 1
      arrived?.()
      return await round(rounds)
    },
    now: () => Date.now(),
    maxIdleMs: 60_000,
    minGapMs: () => 1,
    onError: error => errors.push(error),
  })
  const reach = async (n: number): Promise<void> => {
    while (rounds < n) await new Promise<void>(resolve => (arrived = resolve))
  }
  return { loop, reach, errors, rounds: () => rounds }
}

describe('a loop that can be woken', () => {
  it('works at once, then waits until it is woken', async () => {
    const { loop, reach, rounds } = observed(async () => FAR)
    await reach(1)
    loop.wake()
    await reach(2)
    await loop.stop()
    expect(rounds()).toBe(2)
  })

  it('does not lose a wake-up that comes in the middle of a round', async () => {
    const { loop, reach } = observed(async n => {
      if (n === 1) loop.wake()
      return FAR
    })
    await reach(2)
    await loop.stop()
  })

  it('works again at the moment it named', async () => {
    const { loop, reach } = observed(async () => Date.now() + 5)
    await reach(3)
    await loop.stop()
  })

  it('reports a round that fails and goes on', async () => {
    const { loop, reach, errors } = observed(async n => {
      if (n === 1) throw new Error('no luck')
      return FAR
    })
    await reach(1)
    loop.wake()
    await reach(2)
    await loop.stop()
    expect(errors).toEqual([new Error('no luck')])
  })

  it('stops after the round in progress', async () => {
    let finish: (() => void) | undefined
    const { loop, reach } = observed(() => new Promise(resolve => (finish = () => resolve(FAR))))
    await reach(1)
    const stopped = loop.stop()
    finish?.()
    await stopped
  })
})
