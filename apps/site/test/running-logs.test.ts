import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shell, startTestSite, type TestSite } from './start-site.ts'

describe('a task that runs', () => {
  let test: TestSite
  beforeAll(async () => {
    test = await startTestSite()
  })
  afterAll(() => test[Symbol.asyncDispose]())

  const full = (id: string) => test.client.getTask(id, { view: 'FULL' })
  const executorsOf = async (id: string) => (await full(id)).logs?.[0]?.logs ?? []
  const soon = (id: string, index: number) => expect.poll(async () => (await executorsOf(id))[index], { timeout: 15_000 })

  /** Who reads a pipe waits until somebody has written to it. */
  const gate = (name: string) => join(test.folder, name)
  const open = (path: string) => writeFile(path, '')

  it('shows in the FULL view what its executor has written until now, and what it writes then', async () => {
    const gates = [gate('first'), gate('second')] as const
    const id = await test.submit({
      executors: [
        shell('echo before'),
        shell('mkfifo "$1" "$2"; echo one; echo careful >&2; cat "$1"; echo two; cat "$2"; exit 3', ...gates),
      ],
    })
    await soon(id, 1).toMatchObject({ stdout: 'one\n', stderr: 'careful\n' })
    const task = await full(id)
    const [ended, running] = task.logs?.[0]?.logs ?? []
    expect([task.state, ended]).toMatchObject(['RUNNING', { stdout: 'before\n', exit_code: 0, end_time: expect.any(String) }])
    expect(running).toEqual({ start_time: expect.any(String), stdout: 'one\n', stderr: 'careful\n' })
    await open(gates[0])
    await soon(id, 1).toMatchObject({ stdout: 'one\ntwo\n' })

    const basic = await test.client.getTask(id, { view: 'BASIC' })
    expect(basic.logs?.[0]?.logs).toMatchObject([{ exit_code: 0 }])
    expect(await test.client.getTask(id)).toEqual({ id, state: 'RUNNING' })

    await open(gates[1])
    expect((await test.client.waitForTask(id)).state).toBe('EXECUTOR_ERROR')
    expect((await executorsOf(id))[1]).toMatchObject({ stdout: 'one\ntwo\n', exit_code: 3, end_time: expect.any(String) })
  })

  it('shows head and tail of what is long', async () => {
    const path = gate('long')
    const script = 'mkfifo "$1"; echo head; head -c 300000 /dev/zero | tr "\\0" x; echo tail; cat "$1"'
    const id = await test.submit({ executors: [shell(script, path)] })
    await soon(id, 0).toMatchObject({ stdout: expect.stringMatching(/xtail\n$/) })
    const [log] = await executorsOf(id)
    expect(log?.stdout).toMatch(/^head\nx+\n\[… 168938 bytes left out …\]\nx+tail\n$/)
    await open(path)
    await test.client.waitForTask(id)
    expect((await executorsOf(id))[0]?.stdout).toBe(log?.stdout)
  })
})
