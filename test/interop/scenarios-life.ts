/**
 * What becomes of running executors: a cancel, a crash of the site, a crash of what watches over them.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { type RuntimeSite, until } from './runtime-site.ts'
import type { Scenario } from './scenarios.ts'

/** Says that it runs, and goes on until it is killed: it does not listen to a friendly word. */
const DEAF = 'trap "" TERM; while :; do echo beat; sleep 0.2; done'

export const LIFE: readonly Scenario[] = [
  {
    title: 'a cancel leaves nothing running',
    async run(site) {
      const { id, mark } = await startDeaf(site)
      await site.cancel(id)
      assert.equal((await site.watch(id)).state, 'CANCELED')
      await assertGone(site, id, mark)
    },
  },
  {
    title: 'after a crash of the site the executor is adopted, its output is whole, and the next one runs',
    async run(site) {
      const id = await site.submit({
        outputs: [{ path: '/out/result', url: `${site.url}/data/results/adopted` }],
        volumes: ['/shared'],
        executors: [
          site.shell('echo one; sleep 3; echo two; echo first > /shared/x'),
          site.shell('cat /shared/x; echo second > /out/result'),
        ],
      })
      await site.hear(id, 'one')
      await site.crash()
      const task = await site.watch(id)
      assert.deepEqual(
        task.logs?.[0]?.logs.map(({ exit_code, stdout }) => [exit_code, stdout]),
        [
          [0, 'one\ntwo\n'],
          [0, 'first\n'],
        ],
        JSON.stringify(task.logs),
      )
    },
  },
  {
    title: 'what was adopted can be canceled, and leaves nothing running',
    async run(site) {
      const { id, mark } = await startDeaf(site)
      await site.crash()
      await site.cancel(id)
      assert.equal((await site.watch(id)).state, 'CANCELED')
      await assertGone(site, id, mark)
    },
  },
  {
    title: 'an executor whose supervisor was killed ends as the site’s failure, and leaves nothing running',
    async run(site) {
      const { id, mark } = await startDeaf(site)
      process.kill(await readPid(site, id, 'supervisor'), 'SIGKILL')
      assert.equal((await site.watch(id)).state, 'SYSTEM_ERROR')
      await assertGone(site, id, mark)
    },
  },
  {
    title: 'an executor whose runtime was killed leaves nothing running',
    async run(site) {
      const { id, mark } = await startDeaf(site)
      process.kill(await readPid(site, id, 'child'), 'SIGKILL')
      assert.notEqual((await site.watch(id)).state, 'COMPLETE')
      await assertGone(site, id, mark)
    },
  },
]

/** Starts a task that runs until it is killed. The mark is in the arguments of its process, wherever that runs. */
async function startDeaf(site: RuntimeSite): Promise<{ readonly id: string; readonly mark: string }> {
  const mark = `deaf-${randomBytes(8).toString('hex')}`
  const id = await site.submit({ executors: [site.shell(DEAF, mark)] })
  await site.hear(id, 'beat')
  assert.ok(processesWith(mark).length > 0)
  return { id, mark }
}

/** The first word of a file of the executor's state is a process id. */
async function readPid(site: RuntimeSite, id: string, file: 'supervisor' | 'child'): Promise<number> {
  return Number.parseInt(await readFile(join(site.folder, 'work/tasks', id, 'executors/0', file), 'utf8'), 10)
}

async function assertGone(site: RuntimeSite, id: string, mark: string): Promise<void> {
  const left = () => [...processesWith(mark), ...processesWith(id)]
  await until(() => Promise.resolve(left().length === 0), AbortSignal.timeout(5_000)).catch(() => assert.deepEqual(left(), []))
  const containers = await site.home.listContainers()
  assert.deepEqual(
    containers.filter(name => name.includes(id)),
    [],
  )
}

/** The command lines on this machine that hold the text; those in containers are seen, too. */
function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter(name => /^[0-9]+$/.test(name))
    .map(name => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
      } catch {
        return ''
      }
    })
    .filter(command => command.includes(text))
}
