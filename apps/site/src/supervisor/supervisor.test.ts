import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findProcesses, killProcesses, MARK_VARIABLE } from './kill.ts'
import { type Command, forbidStart, readSupervisor, startExecutor, stderrOf, stdoutOf, waitForEnd } from './supervisor.ts'

describe('a supervised executor', () => {
  let folder: string
  let mark: string
  const signal = AbortSignal.timeout(60_000)
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portolan-executor-'))
    mark = `test-${folder.split('-').at(-1)}`
  })
  afterEach(async () => {
    await killProcesses(await readSupervisor(folder), mark, 0)
    await rm(folder, { recursive: true })
  })
  const shell = (script: string, ...words: string[]): Command => ({
    argv: ['/bin/sh', '-c', script, 'sh', ...words],
    env: { PATH: '/usr/bin:/bin', [MARK_VARIABLE]: mark },
    cwd: folder,
    stdin: '/dev/null',
  })
  const ready = () => expect.poll(() => readFile(stdoutOf(folder), 'utf8').catch(() => ''), { timeout: 10_000 }).toContain('ready\n')

  it('leaves its exit code, stdout and stderr on disk', async () => {
    await startExecutor(folder, shell('echo "$1"; echo err >&2; exit 7', "it's $HOME; *"))
    expect(await waitForEnd(folder, signal)).toMatchObject({ outcome: 'exited', exitCode: 7 })
    expect(await readFile(stdoutOf(folder), 'utf8')).toBe("it's $HOME; *\n")
    expect(await readFile(stderrOf(folder), 'utf8')).toBe('err\n')
  })

  const unrunnable: [what: string, program: string, exitCode: number, said: string][] = [
    ['a program that is not there', '/no/such/program', 127, '/no/such/program: there is no such program: name one'],
    ['a name that is not on PATH', 'no-such-program', 127, 'no-such-program: there is no such program: name one'],
    ['a word that only a shell knows', 'finish', 127, 'finish: there is no such program'],
    ['a directory', '/etc', 126, '/etc: this file cannot be run: it is a directory'],
    ['a file without the permission', '/etc/passwd', 126, '/etc/passwd: this file cannot be run'],
    ['a script whose interpreter is not there', './script', 127, './script: not found'],
  ]
  for (const [what, program, exitCode, said] of unrunnable) {
    it(`that is ${what} ends with ${exitCode} and says so, and nothing of the site`, async () => {
      await writeFile(join(folder, 'script'), '#!/no/such/interpreter\n', { mode: 0o755 })
      await startExecutor(folder, { ...shell(''), argv: [program] })
      expect(await waitForEnd(folder, signal)).toMatchObject({ exitCode })
      const stderr = await readFile(stderrOf(folder), 'utf8')
      expect(stderr).toContain(said)
      expect(stderr).not.toContain('supervise')
      expect(await readFile(stdoutOf(folder), 'utf8')).toBe('')
    })
  }

  it('is called by the name that the task has for it', async () => {
    await startExecutor(folder, { ...shell(''), argv: ['nice', '/host/tool'], program: { path: '/host/tool', name: '/in/tool' } })
    expect(await waitForEnd(folder, signal)).toMatchObject({ exitCode: 127 })
    expect(await readFile(stderrOf(folder), 'utf8')).toMatch(/^\/in\/tool: there is no such program/)
  })

  it('may have any PATH: its supervisor needs none', async () => {
    await startExecutor(folder, { ...shell('exit 3'), env: { PATH: '/nowhere', [MARK_VARIABLE]: mark } })
    expect(await waitForEnd(folder, signal)).toMatchObject({ exitCode: 3 })
  })

  it('that a signal ended has 128 and its number', async () => {
    await startExecutor(folder, shell('kill -9 $$'))
    expect(await waitForEnd(folder, signal)).toMatchObject({ exitCode: 137 })
  })

  it('is started once, however often it is asked for', async () => {
    for (let time = 0; time < 5; time++) await startExecutor(folder, shell('echo started >> journal; sleep 0.3'))
    await waitForEnd(folder, signal)
    expect(await readFile(join(folder, 'journal'), 'utf8')).toBe('started\n')
  })

  it('is not started where that was forbidden', async () => {
    await forbidStart(folder)
    await startExecutor(folder, shell('echo started >> journal'))
    await expect.poll(() => findProcesses(undefined, mark).length).toBe(0)
    await expect(readFile(join(folder, 'journal'))).rejects.toThrow('ENOENT')
  })

  it('is lost when its supervisor is gone without a code', async () => {
    await startExecutor(folder, shell('echo ready; sleep 60'))
    await ready()
    const supervisor = await readSupervisor(folder)
    if (!supervisor) throw new Error('nobody watches over the executor')
    process.kill(supervisor.pid, 'SIGKILL')
    expect(await waitForEnd(folder, signal)).toEqual({ outcome: 'lost' })
    expect(await killProcesses(await readSupervisor(folder), mark, 0)).toBe(true)
  })

  it('gets SIGTERM first, and its supervisor writes down how it ended', async () => {
    await startExecutor(folder, shell('trap "echo bye; exit 9" TERM; sleep 60 & echo ready; wait'))
    await ready()
    expect(await killProcesses(await readSupervisor(folder), mark, 5_000)).toBe(true)
    expect(await waitForEnd(folder, signal)).toMatchObject({ exitCode: 9 })
    expect(await readFile(stdoutOf(folder), 'utf8')).toBe('ready\nbye\n')
  })

  it('is killed with all of its descendants: deaf ones, those of another session, those without a parent, those without the mark', async () => {
    const deaf = 'trap "" TERM; sleep 60'
    await startExecutor(
      folder,
      shell(
        `(${deaf}) & setsid sh -c '${deaf}' & (setsid sleep 61 &) ; env -i sleep 62 & (env -i sleep 63 &) ; echo ready; wait; sleep 64`,
      ),
    )
    await ready()
    await expect.poll(async () => findProcesses(await readSupervisor(folder), mark).length, { timeout: 10_000 }).toBeGreaterThan(6)
    const supervisor = await readSupervisor(folder)
    expect(await killProcesses(supervisor, mark, 100)).toBe(true)
    expect(findProcesses(supervisor, mark)).toEqual([])
    expect(await waitForEnd(folder, signal)).toMatchObject({ outcome: 'exited' })
  })
})
