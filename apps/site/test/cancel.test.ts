import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasEnvironment, listProcesses } from '../src/supervisor/process-table.ts'
import { shell, startTestSite, type TestSite } from './start-site.ts'

describe('a cancel', () => {
  let test: TestSite
  beforeAll(async () => {
    test = await startTestSite({ slots: 1 })
  })
  afterAll(() => test[Symbol.asyncDispose]())
  const stateOf = async (id: string) => (await test.client.getTask(id)).state
  const processesOf = (id: string) => listProcesses().filter(({ pid }) => hasEnvironment(pid, `PORTOLAN_EXECUTOR=portolan-berlin-${id}-0`))

  it('ends a running task with all its processes, deaf ones too, and stays an end', async () => {
    const id = await test.submit({ executors: [shell('trap "" TERM; (setsid sleep 60 &); sleep 60 & sleep 60'), shell('true')] })
    await expect.poll(() => processesOf(id).length, { timeout: 10_000 }).toBeGreaterThan(4)
    await test.client.cancelTask(id)
    const task = await test.client.waitForTask(id)
    expect(task.state).toBe('CANCELED')
    expect(task.logs?.[0]?.logs).toEqual([])
    expect(processesOf(id)).toEqual([])
    await test.client.cancelTask(id)
    expect(await stateOf(id)).toBe('CANCELED')
  })

  it('of a waiting task ends it at once, and it never starts', async () => {
    const first = await test.submit({ executors: [shell('sleep 60')] })
    const second = await test.submit({ executors: [shell('true')] })
    await test.client.cancelTask(second)
    expect(await stateOf(second)).toBe('CANCELED')
    await test.client.cancelTask(first)
    expect((await test.client.waitForTask(first)).state).toBe('CANCELED')
  })

  it('of a finished task changes nothing', async () => {
    const { id, state } = await test.run({ executors: [shell('true')] })
    expect(state).toBe('COMPLETE')
    await test.client.cancelTask(id)
    expect(await stateOf(id)).toBe('COMPLETE')
  })

  it('no more tasks run at a time than there are slots', async () => {
    const ids: string[] = []
    for (let index = 0; index < 3; index++) ids.push(await test.submit({ executors: [shell('sleep 0.2')] }))
    const most: number[] = []
    await expect
      .poll(
        async () => {
          const states = await Promise.all(ids.map(stateOf))
          most.push(states.filter(state => state === 'RUNNING' || state === 'INITIALIZING').length)
          return states
        },
        { timeout: 10_000, interval: 20 },
      )
      .toEqual(['COMPLETE', 'COMPLETE', 'COMPLETE'])
    expect(Math.max(...most)).toBe(1)
  })

  it('what an executor leaves running ends with it', async () => {
    const { id, state } = await test.run({ executors: [shell('sleep 60 & (setsid sleep 60 &); exit 0')] })
    expect(state).toBe('COMPLETE')
    expect(processesOf(id)).toEqual([])
  })
})
