/**
 * What a site must keep under a real runtime: scenarios for the rows `site-podman` and `site-bwrap` of `pnpm interop`.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { TesTask } from '@portolan/tes'
import { type SiteProcess, startSiteProcess } from '../../apps/site/test/site-process.ts'
import { importImage, makeRootfs, writeContainersConf } from './image.ts'

const run = promisify(execFile)
const IMAGE = 'localhost/portolan-scenario:1'
const WAIT_MS = 120_000

export type Runtime = 'podman' | 'docker' | 'bwrap'

/** A site under a runtime, with an image of its own. */
export interface RuntimeSite extends AsyncDisposable {
  readonly runtime: Runtime
  readonly image: string
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  site: SiteProcess
  /** Starts the site anew on the same work folder. */
  start(): Promise<void>
}

/** Makes the image and starts a site with it. Needs the runtime, `tar` and `ldd` on this machine. */
export async function startRuntimeSite(runtime: Runtime): Promise<RuntimeSite> {
  const folder = await mkdtemp(join(tmpdir(), `portolan-${runtime}-`))
  const rootfs = join(folder, 'rootfs')
  await makeRootfs(rootfs)
  const env = runtime === 'bwrap' ? {} : await writeContainersConf(folder)
  if (runtime !== 'bwrap') await importImage(runtime, rootfs, IMAGE, env)
  await mkdir(join(folder, 'data/reads'), { recursive: true })
  await writeFile(join(folder, 'data/reads/a.fq'), 'ACGT\nTTTT\n')
  await writeFile(join(folder, 'data/reads/b.fq'), 'GGGG\n')
  const flags = ['--data', join(folder, 'data'), '--file-root', folder, ...(runtime === 'bwrap' ? ['--rootfs', `${IMAGE}=${rootfs}`] : [])]
  const start = () => startSiteProcess(join(folder, 'work'), { runner: runtime, flags, env })
  const started: RuntimeSite = {
    runtime,
    image: IMAGE,
    folder,
    env,
    site: await start(),
    async start() {
      started.site = await start()
    },
    async [Symbol.asyncDispose]() {
      await started.site.end('SIGTERM')
      if (runtime !== 'bwrap') await run(runtime, ['rmi', '--force', IMAGE], { env: { ...process.env, ...env } })
      await rm(folder, { recursive: true, force: true })
    },
  }
  return started
}

type Scenario = (site: RuntimeSite) => Promise<void>

/** Runs all scenarios of the runtime, one after another; the first that does not hold throws. `say` hears of each that held. */
export async function runScenarios(site: RuntimeSite, say: (line: string) => void): Promise<void> {
  for (const [title, scenario, runtimes] of SCENARIOS) {
    if (runtimes && !runtimes.includes(site.runtime)) continue
    await scenario(site).catch((cause: unknown) => {
      throw new Error(`${site.runtime}: ${title}`, { cause })
    })
    say(`${site.runtime}: ${title}`)
  }
}

async function finish({ site }: RuntimeSite, task: TesTask) {
  const { id } = await site.client.createTask(task)
  return await site.client.waitForTask(id, { signal: AbortSignal.timeout(WAIT_MS) })
}

const shell = (site: RuntimeSite, script: string, ...words: string[]): TesTask['executors'][number] => ({
  image: site.image,
  command: ['sh', '-c', script, 'sh', ...words],
})

const SCENARIOS: readonly (readonly [title: string, scenario: Scenario, runtimes?: readonly Runtime[]])[] = [
  ['executors share volumes; stdin, stdout, env and a new workdir work; scripts find declared paths', runAllParts],
  ['directories come in and patterns go out', runDirectories],
  ['the machine is not seen, and there is no network', runIsolated],
  ['exit codes are the tool’s own', runExitCodes],
  ['a cancel leaves nothing running', runCancel],
  ['after a kill of the site the executor is adopted and its output is whole', runRestart],
  ['an image that is not there is the site’s failure', runMissingImage, ['podman', 'docker']],
  ['of all runtimes auto takes the first that runs the image', runAuto, ['podman']],
]

async function runAllParts(site: RuntimeSite): Promise<void> {
  const task = await finish(site, {
    volumes: ['/shared'],
    inputs: [{ path: '/in/words', content: 'b\na\n' }],
    outputs: [{ path: '/out/result', url: `${site.site.url}/data/results/all` }],
    resources: { cpu_cores: 1, ram_gb: 0.5 },
    executors: [
      { image: site.image, command: ['sort'], stdin: '/in/words', stdout: '/shared/sorted' },
      {
        ...shell(site, 'pwd > /out/result; echo "$TEXT" >> /out/result; cat /shared/sorted >> /out/result'),
        workdir: '/new/dir',
        env: { TEXT: ' two words\nand a line ' },
      },
    ],
  })
  assert.equal(task.state, 'COMPLETE', JSON.stringify(task.logs))
  assert.equal(await readFile(join(site.folder, 'data/results/all'), 'utf8'), '/new/dir\n two words\nand a line \na\nb\n')
}

async function runDirectories(site: RuntimeSite): Promise<void> {
  const task = await finish(site, {
    inputs: [{ path: '/in', url: `${site.site.url}/data/reads/`, type: 'DIRECTORY' }],
    outputs: [{ path: '/out/*.n', path_prefix: '/out', url: `${site.site.url}/data/counts` }],
    executors: [shell(site, 'cd /in; for f in *.fq; do wc -l < $f > /out/$f.n; done; touch /in/x 2>/dev/null || echo read-only')],
  })
  assert.equal(task.state, 'COMPLETE', JSON.stringify(task.logs))
  assert.deepEqual(
    task.logs?.[0]?.outputs.map(({ path, size_bytes }) => [path, size_bytes]),
    [
      ['/out/a.fq.n', '2'],
      ['/out/b.fq.n', '2'],
    ],
  )
  assert.equal(task.logs?.[0]?.logs[0]?.stdout, 'read-only\n')
  assert.equal(await readFile(join(site.folder, 'data/counts/a.fq.n'), 'utf8'), '2\n')
}

async function runIsolated(site: RuntimeSite): Promise<void> {
  const task = await finish(site, {
    executors: [
      shell(site, '[ -e "$1" ] && echo host; ls /proc | grep -c "^[0-9]"; tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " "', site.folder),
    ],
  })
  const [processes = '', ...networks] = (task.logs?.[0]?.logs[0]?.stdout ?? '').trim().split('\n')
  assert.equal(task.state, 'COMPLETE', JSON.stringify(task.logs))
  assert.ok(Number(processes) > 0 && Number(processes) < 10, `${processes} processes are seen`)
  assert.ok(!networks.includes('eth0') && networks.includes('lo'), networks.join())
}

async function runExitCodes(site: RuntimeSite): Promise<void> {
  const failed = await finish(site, { executors: [shell(site, 'echo why >&2; exit 42'), shell(site, 'true')] })
  assert.equal(failed.state, 'EXECUTOR_ERROR')
  assert.deepEqual(
    failed.logs?.[0]?.logs.map(({ exit_code, stderr }) => [exit_code, stderr]),
    [[42, 'why\n']],
  )
  const ignored = await finish(site, { executors: [{ ...shell(site, 'exit 7'), ignore_error: true }, shell(site, 'true')] })
  assert.equal(ignored.state, 'COMPLETE')
}

async function runCancel(site: RuntimeSite): Promise<void> {
  const mark = join(site.folder, 'beat')
  const { id } = await site.site.client.createTask({
    outputs: [{ path: '/beats/last', url: `file://${mark}` }],
    executors: [shell(site, 'trap "" TERM; while :; do echo beat; sleep 0.1; done')],
  })
  await until(async () =>
    (await readFile(join(site.folder, 'work/tasks', id, 'executors/0/stdout'), 'utf8').catch(() => '')).includes('beat'),
  )
  await site.site.client.cancelTask(id)
  const task = await site.site.client.waitForTask(id, { signal: AbortSignal.timeout(WAIT_MS) })
  assert.equal(task.state, 'CANCELED')
  const { stdout } = await run('ps', ['-eo', 'args'])
  assert.ok(!stdout.includes(`${id}-0`), stdout)
  if (site.runtime !== 'bwrap') {
    const left = await run(site.runtime, ['ps', '--all', '--format', '{{.Names}}'], { env: { ...process.env, ...site.env } })
    assert.ok(!left.stdout.includes(id), left.stdout)
  }
}

async function runRestart(site: RuntimeSite): Promise<void> {
  const { id } = await site.site.client.createTask({
    outputs: [{ path: '/out/result', url: `${site.site.url}/data/results/adopted` }],
    volumes: ['/shared'],
    executors: [
      shell(
        site,
        'echo one; for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 0.1; done; echo two; echo first > /shared/x',
      ),
      shell(site, 'cat /shared/x > /out/result; echo second >> /out/result'),
    ],
  })
  await until(async () =>
    (await readFile(join(site.folder, 'work/tasks', id, 'executors/0/stdout'), 'utf8').catch(() => '')).includes('one'),
  )
  await site.site.end('SIGKILL')
  await site.start()
  const task = await site.site.client.waitForTask(id, { signal: AbortSignal.timeout(WAIT_MS) })
  const [log] = task.logs ?? []
  assert.deepEqual(
    log?.logs.map(({ exit_code, stdout }) => [exit_code, stdout]),
    [
      [0, 'one\ntwo\n'],
      [0, ''],
    ],
    JSON.stringify(task.logs),
  )
}

async function runMissingImage(site: RuntimeSite): Promise<void> {
  const task = await finish(site, { executors: [{ image: 'localhost/portolan-none:1', command: ['true'] }] })
  assert.equal(task.state, 'SYSTEM_ERROR')
  assert.match(task.logs?.[0]?.system_logs?.join('\n') ?? '', /cannot run the image localhost\/portolan-none:1/)
}

async function runAuto(site: RuntimeSite): Promise<void> {
  const auto = await startSiteProcess(join(site.folder, 'auto'), { runner: 'auto', env: site.env })
  try {
    const { id } = await auto.client.createTask({ executors: [shell(site, 'true')] })
    const task = await auto.client.waitForTask(id, { signal: AbortSignal.timeout(WAIT_MS) })
    assert.equal(task.logs?.[0]?.metadata?.runtime, 'podman')
  } finally {
    await auto.end('SIGTERM')
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await delay(50)) if (await holds()) return
  throw new Error(`it did not happen within ${WAIT_MS} ms`)
}
