import { describe, expect, it } from 'vitest'
import { createChooser } from './choose.ts'
import type { Runner, RunnerName } from './runner.ts'

const signal = AbortSignal.timeout(60_000)

function fake(name: RunnerName, knows: (image: string) => boolean, probed: string[] = []): Runner {
  return {
    name,
    promise: name,
    leavesProcesses: false,
    probe(image) {
      probed.push(`${name} ${image}`)
      return Promise.resolve(knows(image) ? undefined : `${name} does not run ${image}`)
    },
    build: () => Promise.reject(new Error('nothing is run here')),
    conclude: () => Promise.resolve(undefined),
    end: () => Promise.resolve(),
  }
}

describe('the choice of a runner', () => {
  it('is the first whose probe with this very image ran', async () => {
    const choose = createChooser([fake('podman', image => image === 'a'), fake('bubblewrap', () => true)])
    expect((await choose('a', signal)).runner?.name).toBe('podman')
    expect(await choose('b', signal)).toMatchObject({ runner: { name: 'bubblewrap' }, refused: ['podman does not run b'] })
  })

  it('is remembered per image', async () => {
    const probed: string[] = []
    const choose = createChooser([fake('podman', () => true, probed)])
    for (const image of ['a', 'b', 'a', 'a']) await choose(image, signal)
    expect(probed).toEqual(['podman a', 'podman b'])
  })

  it('says why nobody runs the image, and looks again the next time', async () => {
    const arrived = new Set<string>()
    const choose = createChooser([fake('podman', image => arrived.has(image)), fake('docker', () => false)])
    expect(await choose('a', signal)).toEqual({ refused: ['podman does not run a', 'docker does not run a'] })
    arrived.add('a')
    expect((await choose('a', signal)).runner?.name).toBe('podman')
  })

  it('is sought once for all that ask at the same time, as long as one of them waits', async () => {
    const probe = Promise.withResolvers<undefined>()
    const probed: AbortSignal[] = []
    const slow: Runner = {
      ...fake('podman', () => true),
      probe(_image, gone) {
        probed.push(gone)
        return probe.promise
      },
    }
    const choose = createChooser([slow])
    const [first, second] = [new AbortController(), new AbortController()]
    const asked = [choose('a', first.signal), choose('a', second.signal)]
    first.abort(new Error('canceled'))
    await expect(asked[0]).rejects.toThrow('canceled')
    expect(probed.map(({ aborted }) => aborted)).toEqual([false])
    probe.resolve(undefined)
    expect((await asked[1])?.runner).toBe(slow)
  })

  it('is given up when nobody waits for it any more, and sought anew for who comes then', async () => {
    const probed: AbortSignal[] = []
    const runner: Runner = {
      ...fake('podman', () => true),
      probe(_image, gone) {
        probed.push(gone)
        if (probed.length > 1) return Promise.resolve(undefined)
        return new Promise(resolve => gone.addEventListener('abort', () => resolve('stopped')))
      },
    }
    const choose = createChooser([runner])
    const only = new AbortController()
    const asked = choose('a', only.signal)
    only.abort(new Error('canceled'))
    await expect(asked).rejects.toThrow('canceled')
    await expect.poll(() => probed[0]?.aborted).toBe(true)
    expect((await choose('a', signal)).runner).toBe(runner)
  })
})
