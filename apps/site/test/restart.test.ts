import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSupervisor } from '../src/supervisor/supervisor.ts'
import { type SiteProcess, spawnSite, startSiteProcess } from './site-process.ts'
import { shell } from './start-site.ts'

describe('a site that is killed and started again', () => {
  let folder: string
  let work: string
  let site: SiteProcess
  const start = async () => {
    site = await startSiteProcess(work, { flags: ['--file-root', folder] })
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portolan-restart-'))
    work = join(folder, 'work')
    await start()
  })
  afterEach(async () => {
    await site.end('SIGTERM')
    await rm(folder, { recursive: true })
  })
  const output = (name: string) => ({ path: `/out/${name}`, url: `${folder}/${name}` })
  const reached = (id: string, state: string) =>
    expect.poll(async () => (await site.client.getTask(id)).state, { timeout: 15_000 }).toBe(state)
  /** Waits until the script of the first executor has begun: it makes the file `started`. */
  const begun = (name = 'started') =>
    expect.poll(() => readFile(join(folder, name), 'utf8').catch(() => ''), { timeout: 15_000 }).not.toBe('')

  it('adopts the running executor, whose output is whole, and runs those that remain, each once', async () => {
    const script = 'echo first >> "$1/started"; echo one; while [ ! -e "$1/go" ]; do sleep 0.05; done; echo two | tee "$2"'
    const { id } = await site.client.createTask({
      outputs: [output('result')],
      executors: [
        shell(script, folder, '/out/result'),
        shell('echo second >> "$1/started"; cat "$2"; echo three >> "$2"', folder, '/out/result'),
      ],
    })
    await begun()
    expect(await site.end('SIGKILL')).toBe('SIGKILL')
    await start()
    await reached(id, 'RUNNING')
    const shown = await site.client.getTask(id, { view: 'FULL' })
    expect(shown.logs?.[0]?.logs).toEqual([{ start_time: expect.any(String), stdout: 'one\n', stderr: '' }])
    await writeFile(join(folder, 'go'), '')
    const task = await site.client.waitForTask(id)
    expect(task.state).toBe('COMPLETE')
    expect(task.logs?.[0]?.logs.map(({ exit_code, stdout }) => [exit_code, stdout])).toEqual([
      [0, 'one\ntwo\n'],
      [0, 'two\n'],
    ])
    expect(await readFile(join(folder, 'result'), 'utf8')).toBe('two\nthree\n')
    expect(await readFile(join(folder, 'started'), 'utf8')).toBe('first\nsecond\n')
  })

  it('knows the exit code of an executor that ended while no site was there', async () => {
    const { id } = await site.client.createTask({
      executors: [shell('echo x > "$1/started"; sleep 0.3; echo y > "$1/ended"; exit 5', folder)],
    })
    await begun()
    await site.end('SIGKILL')
    await begun('ended')
    await start()
    const task = await site.client.waitForTask(id)
    expect(task.state).toBe('EXECUTOR_ERROR')
    expect(task.logs?.[0]?.logs[0]?.exit_code).toBe(5)
  })

  it('ends the task SYSTEM_ERROR when its supervisor is gone without an exit code', async () => {
    const { id } = await site.client.createTask({ executors: [shell('echo x > "$1/started"; exec sleep 60', folder), shell('true')] })
    await begun()
    await site.end('SIGKILL')
    const supervisor = await readSupervisor(join(work, 'tasks', id, 'executors/0'))
    if (!supervisor) throw new Error('nobody watches over the executor')
    process.kill(supervisor.pid, 'SIGKILL')
    await start()
    const task = await site.client.waitForTask(id)
    expect(task.state).toBe('SYSTEM_ERROR')
    expect(task.logs?.[0]?.system_logs?.join('\n')).toContain('the supervisor of executor 0 is gone')
  })

  it('can cancel what it adopted', async () => {
    const { id } = await site.client.createTask({ executors: [shell('echo x > "$1/started"; sleep 60', folder)] })
    await begun()
    await site.end('SIGKILL')
    await start()
    await site.client.cancelTask(id)
    expect((await site.client.waitForTask(id)).state).toBe('CANCELED')
  })

  it('runs what was waiting, and keeps what had ended', async () => {
    const { id: ended } = await site.client.createTask({ executors: [shell('echo done')] })
    const before = await site.client.waitForTask(ended)
    const ids: string[] = []
    for (let index = 0; index < 12; index++)
      ids.push((await site.client.createTask({ executors: [shell('echo x >> "$1"', join(folder, 'journal'))] })).id)
    await site.end('SIGKILL')
    await start()
    const tasks = await site.client.waitForTasks(ids)
    expect(tasks.map(({ state }) => state)).toEqual(ids.map(() => 'COMPLETE'))
    expect(await readFile(join(folder, 'journal'), 'utf8')).toBe('x\n'.repeat(12))
    expect(await site.client.getTask(ended, { view: 'FULL' })).toEqual(before)
  })

  it('ends with 0 at SIGTERM and leaves the executor running', async () => {
    const { id } = await site.client.createTask({ executors: [shell('echo x > "$1/started"; sleep 0.5; exit 0', folder)] })
    await begun()
    expect(await site.end('SIGTERM')).toBe(0)
    await start()
    expect((await site.client.waitForTask(id)).state).toBe('COMPLETE')
  })

  it('refuses the work folder of another living site', async () => {
    const second = spawnSite(['--id', 'second', '--work', work, '--runner', 'process', '--allow-root', '--open'])
    const [code] = await new Promise<unknown[]>(resolve => second.once('exit', (...end) => resolve(end)))
    expect(code).toBe(1)
  })
})
