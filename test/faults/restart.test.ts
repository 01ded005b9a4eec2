import { createFakeSite } from '@portolan/tes/testing'
import { describe, expect, it, vi } from 'vitest'
import { until } from '../harness/until.ts'
import { openFederation, TEST_TIMEOUT_MS } from './fake-federation.ts'

vi.setConfig({ testTimeout: TEST_TIMEOUT_MS })

describe('a broker that was stopped', () => {
  it('finds at its next start what runs, and follows it to its end', async () => {
    await using site = await createFakeSite({ progress: 'manual' })
    await using federation = await openFederation({ berlin: site })
    await federation.start()
    const id = await federation.submit()
    await until('the site has it', () => site.tasks.size === 1)
    site.advance(2)
    await federation.reach(id, 'RUNNING')
    await federation.stop()

    site.advance()
    await federation.start()
    await federation.reach(id, 'COMPLETE')
    await federation.stop()
    expect(site.tasks.size).toBe(1)
    expect(await federation.attempts(id)).toMatchObject([{ number: 1, state: 'TERMINAL' }])
  })

  it('waits for the answer to a submission before it ends, so that nothing is in doubt', async () => {
    await using site = await createFakeSite()
    site.script.add('create', { do: 'hold', ms: 300 })
    await using federation = await openFederation({ berlin: site })
    await federation.start()
    const id = await federation.submit()
    await until('the site has it', () => site.tasks.size === 1)
    await federation.stop()
    expect(await federation.attempts(id)).toMatchObject([{ state: 'ACCEPTED' }])
  })
})

describe('a broker that was killed', () => {
  it('adopts what runs', async () => {
    await using site = await createFakeSite({ progress: 'manual' })
    await using federation = await openFederation({ berlin: site })
    await federation.spawn()
    const id = await federation.submit()
    await until('the site has it', () => site.tasks.size === 1)
    site.advance(2)
    await federation.reach(id, 'RUNNING')
    await federation.kill('SIGKILL')

    site.advance()
    await federation.start()
    await federation.reach(id, 'COMPLETE')
    await federation.stop()
    expect(site.tasks.size).toBe(1)
    expect(await federation.attempts(id)).toMatchObject([{ number: 1, state: 'TERMINAL' }])
  })

  it('adopts what the site had stored while its answer was on the way', async () => {
    await using site = await createFakeSite()
    site.script.add('create', { do: 'hold' })
    await using federation = await openFederation({ berlin: site })
    await federation.spawn()
    const id = await federation.submit()
    await until('the site has it', () => site.tasks.size === 1)
    await federation.kill('SIGKILL')

    await federation.start()
    await federation.reach(id, 'COMPLETE')
    await federation.stop()
    expect(site.tasks.size).toBe(1)
    expect(await federation.attempts(id)).toMatchObject([{ number: 1, state: 'TERMINAL' }])
  })

  it('sends again what never arrived, to the same site, and cancels what arrives late after all', async () => {
    await using site = await createFakeSite()
    await using other = await createFakeSite()
    for (const { script } of [site, other]) script.add('create', { do: 'delay' })
    await using federation = await openFederation({ berlin: site, bonn: other })
    await federation.spawn()
    const id = await federation.submit()
    const asked = () => [site, other].filter(({ requests }) => requests.some(({ operation }) => operation === 'create'))
    await until('a site was asked', () => asked().length === 1)
    const [chosen] = asked()
    await federation.kill('SIGKILL')

    await federation.start()
    await federation.reach(id, 'COMPLETE')
    const before = new Set(chosen?.tasks.keys())
    expect([before.size, asked()]).toEqual([1, [chosen]])
    chosen?.script.release()
    const late = () => [...(chosen?.tasks.values() ?? [])].find(task => !before.has(task.id))
    await until('the late arrival is cancelled', () => late()?.state === 'CANCELED')
    await federation.stop()
    expect(await federation.attempts(id)).toMatchObject([
      { number: 1, state: 'ABSENT', absentSweeps: 2 },
      { number: 2, state: 'TERMINAL', end: { outcome: 'COMPLETE' } },
    ])
  })
})
