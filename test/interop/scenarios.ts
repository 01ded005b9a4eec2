/**
 * What a site must keep under a real runtime.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TesTask } from '@portolan/tes'
import { startSiteProcess } from '../../apps/site/test/site-process.ts'
import { MARK } from './image.ts'
import type { Runtime, RuntimeHome } from './runtime-home.ts'
import { type RuntimeSite, startRuntimeSite } from './runtime-site.ts'
import { LIFE } from './scenarios-life.ts'

export interface Scenario {
  readonly title: string
  /** Default: all. */
  readonly runtimes?: readonly Runtime[]
  readonly run: (site: RuntimeSite, signal: AbortSignal) => Promise<void>
}

/** Runs all scenarios of the runtime, one after another, at one site; the first that does not hold throws. `say` hears of each that held. */
export async function runScenarios(home: RuntimeHome, folder: string, signal: AbortSignal, say: (line: string) => void): Promise<void> {
  const site = await startRuntimeSite(home, join(folder, 'site'), signal)
  for (const { title, runtimes, run } of [...BASICS, ...LIFE]) {
    if (runtimes && !runtimes.includes(home.runtime)) continue
    signal.throwIfAborted()
    await run(site, signal).catch((cause: unknown) => {
      throw new Error(`this does not hold: ${title}`, { cause })
    })
    say(title)
  }
  await site.end()
}

const BASICS: readonly Scenario[] = [
  {
    title: 'executors share volumes; stdin, stdout, env and a new workdir work; scripts find declared paths',
    async run(site) {
      const task = await site.run({
        volumes: ['/shared'],
        inputs: [{ path: '/in/words', content: 'b\na\n' }],
        outputs: [{ path: '/out/result', url: `${site.url}/data/results/all` }],
        resources: { cpu_cores: 1, ram_gb: 0.5 },
        executors: [
          { image: site.home.image, command: ['sort'], stdin: '/in/words', stdout: '/shared/sorted' },
          {
            ...site.shell('pwd > /out/result; echo "$TEXT" >> /out/result; cat /shared/sorted >> /out/result'),
            workdir: '/new/dir',
            env: { TEXT: ' two words\nand a line ' },
          },
        ],
      })
      assert.equal(task.state, 'COMPLETE', JSON.stringify(task.logs))
      assert.equal(await site.read('results/all'), '/new/dir\n two words\nand a line \na\nb\n')
    },
  },
  {
    title: 'directories come in read-only, and patterns go out',
    async run(site) {
      const task = await site.run({
        inputs: [{ path: '/in', url: `${site.url}/data/reads/`, type: 'DIRECTORY' }],
        outputs: [{ path: '/out/*.n', path_prefix: '/out', url: `${site.url}/data/counts` }],
        executors: [site.shell('cd /in; for f in *.fq; do wc -l < $f > /out/$f.n; done; (: > /in/x) 2>/dev/null || echo read-only')],
      })
      assert.equal(task.state, 'COMPLETE', JSON.stringify(task.logs))
      assert.deepEqual(
        task.logs?.[0]?.outputs.map(({ path, size_bytes }) => [path, size_bytes]),
        [
          ['/out/a.fq.n', '2'],
          ['/out/b.fq.n', '2'],
        ],
      )
      assert.equal(stdoutOf(task), 'read-only\n')
      assert.equal(await site.read('counts/a.fq.n'), '2\n')
    },
  },
  {
    title: 'an executor sees its image and the declared paths, and nothing else of the machine',
    async run(site) {
      const task = await site.run({
        inputs: [{ path: '/deep/in/x', content: 'x' }],
        volumes: ['/shared'],
        executors: [
          site.shell(
            'cat "$1"; [ -e "$2" ] && echo host; ls /deep /deep/in /shared; ls -d /home /opt /srv /var 2>/dev/null; ls /proc | grep -c "^[0-9]" >&2',
            MARK,
            site.folder,
          ),
        ],
      })
      assert.equal(stdoutOf(task), 'made on the spot\n/deep:\nin\n\n/deep/in:\nx\n\n/shared:\n', JSON.stringify(task.logs))
      const processes = Number(wordsOf(task.logs?.[0]?.logs[0]?.stderr))
      assert.ok(processes > 0 && processes < 10, `${processes} processes are seen`)
    },
  },
  {
    title: 'there is no network',
    async run(site) {
      const task = await site.run({ executors: [site.shell('tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " "')] })
      assert.equal(task.state, 'COMPLETE', JSON.stringify(task.logs))
      // The kernel may give every network namespace tunnels that lead nowhere; a way out would be an interface of another kind.
      const outward = stdoutOf(task)
        .split('\n')
        .filter(name => /^(eth|en|wl|tap|veth|br|docker|podman|cni)/.test(name))
      assert.deepEqual(outward, [])
    },
  },
  {
    title: 'an executor gets the memory that it asked for, and no more',
    async run(site) {
      const keep = (bytes: number, ramGb: number): TesTask => ({
        resources: { ram_gb: ramGb },
        executors: [site.shell('head -c "$1" /dev/zero | tail -c "$1" | wc -c', String(bytes))],
      })
      const bytes = 150_000_000
      assert.equal(Number(stdoutOf(await site.run(keep(bytes, 1)))), bytes)
      assert.equal(Number(stdoutOf(await site.run(keep(bytes, 0.05)))), 0)
    },
  },
  {
    title: 'exit codes are the tool’s own, and a program that is not there is the task’s failure',
    async run(site) {
      const failed = await site.run({ executors: [site.shell('echo why >&2; exit 42'), site.shell('true')] })
      assert.equal(failed.state, 'EXECUTOR_ERROR')
      assert.deepEqual(
        failed.logs?.[0]?.logs.map(({ exit_code, stderr }) => [exit_code, wordsOf(stderr)]),
        [[42, 'why\n']],
      )
      const ignored = await site.run({ executors: [{ ...site.shell('exit 7'), ignore_error: true }, site.shell('true')] })
      assert.equal(ignored.state, 'COMPLETE')
      const unknown = await site.run({ executors: [{ image: site.home.image, command: ['no-such-program'] }] })
      assert.equal(unknown.state, 'EXECUTOR_ERROR')
      assert.equal(unknown.logs?.[0]?.logs[0]?.exit_code, 127)
      assert.match(unknown.logs?.[0]?.logs[0]?.stderr ?? '', /no-such-program/)
    },
  },
  {
    title: 'a runtime that cannot run an executor is the site’s failure, told apart from a tool that ends with the runtime’s own codes',
    async run(site) {
      for (const code of [125, 126, 127]) {
        const task = await site.run({ executors: [site.shell(`exit ${code}`)] })
        assert.equal(task.state, 'EXECUTOR_ERROR')
        assert.equal(task.logs?.[0]?.logs[0]?.exit_code, code)
      }
      const task = await site.run({
        inputs: [{ path: `${MARK}/below`, content: 'below a file of the image' }],
        executors: [site.shell('true')],
      })
      assert.equal(task.state, 'SYSTEM_ERROR', JSON.stringify(task.logs))
      assert.match(task.logs?.[0]?.system_logs?.join('\n') ?? '', /could not run executor 0 .*: \S/)
    },
  },
  {
    title: 'an image that is not there is the site’s failure',
    runtimes: ['podman', 'docker'],
    async run(site) {
      const task = await site.run({ executors: [{ image: 'localhost/portolan-none:1', command: ['true'] }] })
      assert.equal(task.state, 'SYSTEM_ERROR')
      assert.match(task.logs?.[0]?.system_logs?.join('\n') ?? '', /cannot run the image localhost\/portolan-none:1/)
    },
  },
  {
    title: 'an image that is not unpacked runs on the system of this machine, as the site says of itself',
    runtimes: ['bwrap'],
    async run(site) {
      const script = `[ -e ${MARK} ] && echo unpacked || echo machine`
      const task = await site.run({ executors: [site.shell(script), { image: 'other:1', command: ['sh', '-c', script] }] })
      assert.deepEqual(
        task.logs?.[0]?.logs.map(({ stdout }) => stdout),
        ['unpacked\n', 'machine\n'],
      )
    },
  },
  {
    title: 'of all runtimes auto takes the first that runs the image, and goes on to the next for an image that it does not run',
    runtimes: ['podman'],
    async run({ home, folder }, signal) {
      const auto = await startSiteProcess(join(folder, 'auto'), { runner: 'auto', env: home.env })
      const runtimeOf = async (image: string): Promise<string | undefined> => {
        const { id } = await auto.client.createTask({ executors: [{ image, command: ['true'] }] })
        const task = await auto.client.waitForTask(id, { signal })
        assert.equal(task.state, 'COMPLETE', JSON.stringify(task.logs))
        return task.logs?.[0]?.metadata?.runtime
      }
      assert.equal(await runtimeOf(home.image), 'podman')
      assert.match((await runtimeOf('localhost/portolan-none:1')) ?? '', /^(bubblewrap|process)$/)
      await auto.end('SIGTERM')
    },
  },
]

/** What a task has said on standard error, without the line that podman-docker puts before it. */
function wordsOf(stderr = ''): string {
  return stderr.replace(/^Emulate Docker CLI using podman\..*\n/, '')
}

/** What the only executor of a task has said. */
function stdoutOf(task: Awaited<ReturnType<RuntimeSite['run']>>): string {
  return task.logs?.[0]?.logs[0]?.stdout ?? ''
}
