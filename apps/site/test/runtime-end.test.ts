import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestSite, type TestSite } from './start-site.ts'

/**
 * A client of a runtime: probes succeed, `inspect` answers by what the run has left, and `run` does what the last word of the command says.
 * Each call leaves a line in `calls`.
 */
const CLIENT = `#!/bin/sh
here=\${0%/*}
echo "$*" >>"$here/calls"
for last; do :; done
case $1 in
  run)
    case $* in
      *portolan-probe*) exit 0 ;;
    esac
    case $last in
      tool-125) echo 'exited 125 2026-11-22T09:00:00Z' >"$here/container"; exit 125 ;;
      image-gone) rm -f "$here/container"; echo 'Error: the image is gone' >&2; exit 125 ;;
      not-found) echo 'created 0 0001-01-01 00:00:00 +0000 UTC' >"$here/container"; echo 'Error: executable file not found' >&2; exit 127 ;;
      no-permission) echo 'created 0 0001-01-01T00:00:00Z' >"$here/container"; echo 'Error: permission denied: OCI permission denied' >&2; exit 126 ;;
      no-mount) echo 'created 0 0001-01-01T00:00:00Z' >"$here/container"; echo 'Error: OCI runtime error: cannot mount' >&2; exit 126 ;;
      lost-daemon) echo 'running 0 2026-11-22T09:00:00Z' >"$here/container"; echo 'unexpected EOF' >&2; exit 125 ;;
    esac ;;
  inspect) cat "$here/container" ;;
esac
`

describe('how an executor in a container ended', () => {
  let test: TestSite
  const path = process.env.PATH
  beforeAll(async () => {
    test = await startTestSite({ runner: 'docker' })
    await mkdir(join(test.folder, 'bin'))
    await writeFile(join(test.folder, 'bin/docker'), CLIENT)
    await chmod(join(test.folder, 'bin/docker'), 0o755)
    process.env.PATH = `${test.folder}/bin:${path}`
  })
  afterAll(async () => {
    process.env.PATH = path
    await test[Symbol.asyncDispose]()
  })

  const rows: [title: string, command: string, state: string, exitCode: number | undefined, said: string][] = [
    ['a tool may itself end with 125', 'tool-125', 'EXECUTOR_ERROR', 125, ''],
    ['an image that is gone is the site’s failure', 'image-gone', 'SYSTEM_ERROR', undefined, 'Error: the image is gone'],
    ['a program that is not in the image is the task’s failure', 'not-found', 'EXECUTOR_ERROR', 127, ''],
    ['a program that may not be run is the task’s failure', 'no-permission', 'EXECUTOR_ERROR', 126, ''],
    ['a mount that fails is the site’s failure', 'no-mount', 'SYSTEM_ERROR', undefined, 'Error: OCI runtime error: cannot mount'],
    ['a client that loses its container is the site’s failure', 'lost-daemon', 'SYSTEM_ERROR', undefined, 'unexpected EOF'],
  ]
  for (const [title, command, state, exitCode, said] of rows) {
    it(title, async () => {
      const task = await test.run({ executors: [{ image: 'any', command: [command] }] })
      const [log] = task.logs ?? []
      expect([task.state, log?.logs[0]?.exit_code]).toEqual([state, exitCode])
      const words = said && `error: docker could not run executor 0 (any): ${said}`
      expect(log?.system_logs?.join('\n')).toBe(words)
      expect(await readFile(join(test.folder, 'bin/calls'), 'utf8')).toContain(`rm --force --volumes portolan-berlin-${task.id}-0`)
    })
  }

  it('a path with a colon never reaches the client, which would take what follows for a place of this machine', async () => {
    const task = await test.run({ executors: [{ image: 'any', command: ['tool-125'], workdir: '/etc:/host' }] })
    expect(task.state).toBe('SYSTEM_ERROR')
    expect(task.logs?.[0]?.system_logs?.join()).toContain('/etc:/host holds a colon')
    expect(await readFile(join(test.folder, 'bin/calls'), 'utf8')).not.toContain('/etc:/host')
  })
})
