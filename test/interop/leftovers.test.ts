import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { endLeftovers } from './leftovers.ts'

describe('what a row has left running', () => {
  const folder = `/tmp/portolan-leftovers-${process.pid}`

  it('is nothing where nothing was started', async () => {
    expect(await endLeftovers(folder, 0)).toEqual([])
  })

  it('is found by an argument and by the environment, named and ended', async () => {
    const byArgument = spawn('/bin/sh', ['-c', 'read line', 'sh', `${folder}/x`])
    const byEnvironment = spawn('/bin/sh', ['-c', 'read line; exit 1'], { env: { SETTINGS: `${folder}/y` } })
    const stranger = spawn('/bin/sh', ['-c', 'read line', 'sh', '/tmp/other'])
    const children = [byArgument, byEnvironment, stranger]
    await Promise.all(children.map(child => once(child, 'spawn')))
    const ended = [once(byArgument, 'exit'), once(byEnvironment, 'exit')]
    expect([...(await endLeftovers(folder, 0))].sort()).toEqual([`/bin/sh -c read line sh ${folder}/x`, '/bin/sh -c read line; exit 1'])
    await Promise.all(ended)
    expect(children.map(({ signalCode }) => signalCode)).toEqual(['SIGKILL', 'SIGKILL', null])
    stranger.kill()
  })
})
