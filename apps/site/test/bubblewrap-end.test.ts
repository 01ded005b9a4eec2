import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeNotRun } from '../src/runners/not-run.ts'
import { startTestSite, type TestSite } from './start-site.ts'

/** Bubblewrap as it ends: probes succeed; for a command it does what the last word says. */
const BWRAP = `#!/bin/sh
for last; do :; done
[ "$last" != true ] || exit 0
echo '{ "child-pid": 7 }' >&3
case $last in
  none) echo 'bwrap: execvp none: No such file or directory' >&2; exit 1 ;;
  no-program) echo 'bwrap: execvp no-program: Permission denied' >&2; exit 1 ;;
  no-sandbox) echo "bwrap: Can't find source path /x: No such file or directory" >&2; exit 1 ;;
  says-so) echo 'bwrap: execvp x: No such file or directory' >&2; echo '{ "exit-code": 1 }' >&3; exit 1 ;;
esac
`

describe('how an executor in bubblewrap ended', () => {
  let test: TestSite
  const path = process.env.PATH
  beforeAll(async () => {
    test = await startTestSite({ runner: 'bubblewrap' })
    await mkdir(join(test.folder, 'bin'))
    await writeFile(join(test.folder, 'bin/bwrap'), BWRAP)
    await chmod(join(test.folder, 'bin/bwrap'), 0o755)
    process.env.PATH = `${test.folder}/bin:${path}`
  })
  afterAll(async () => {
    process.env.PATH = path
    await test[Symbol.asyncDispose]()
  })

  const rows: [title: string, command: string, exitCode: number, stderr: RegExp][] = [
    ['a program that is not there is 127, as everywhere', 'none', 127, /^none: there is no such program: name one that is on PATH/],
    ['a file that cannot be run is 126, as everywhere', 'no-program', 126, /^no-program: this file cannot be run: it is a directory/],
    ['a tool that speaks like bubblewrap keeps its own code', 'says-so', 1, /^bwrap: execvp x: No such file or directory$/m],
  ]
  for (const [title, command, exitCode, stderr] of rows) {
    it(title, async () => {
      const task = await test.run({
        outputs: [{ path: '/out/err', url: `${test.site.dataUrl}${command}` }],
        executors: [{ image: 'any', command: [command], stderr: '/out/err' }],
      })
      const log = task.logs?.[0]?.logs[0]
      expect([task.state, log?.exit_code]).toEqual(['EXECUTOR_ERROR', exitCode])
      expect(log?.stderr).toMatch(stderr)
      expect(await readFile(join(test.folder, 'data', command), 'utf8')).toBe(log?.stderr)
    })
  }

  it('a sandbox that cannot be made is the site’s failure', async () => {
    const task = await test.run({ executors: [{ image: 'any', command: ['no-sandbox'] }] })
    expect(task.state).toBe('SYSTEM_ERROR')
    expect(task.logs?.[0]?.system_logs?.join()).toContain("bubblewrap could not run executor 0 (any): bwrap: Can't find source path")
  })

  it('the words are those of the supervisor for plain processes', async () => {
    const supervisor = await readFile(new URL('../src/supervisor/supervise.sh', import.meta.url), 'utf8')
    for (const code of [126, 127] as const) expect(supervisor).toContain(`refuse ${code} "${describeNotRun('$_name', code).trim()}"`)
  })
})
