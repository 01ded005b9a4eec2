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
})
