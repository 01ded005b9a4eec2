/**
 * One site under a real runtime, as its own process, and words for scenarios about it.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { TesTask } from '@portolan/tes'
import type { ReadByView } from '@portolan/tes/client'
import { type SiteProcess, startSiteProcess } from '../../apps/site/test/site-process.ts'
import type { RuntimeHome } from './runtime-home.ts'

const WAIT_MS = 60_000
/** The id of the site that the scenarios are about. */
export const SITE_ID = 'berlin'

export interface RuntimeSite {
  readonly home: RuntimeHome
  /** `data` is what its data server serves. */
  readonly folder: string
  readonly url: string
  /** Kills the site as a crash would, and starts it anew on the same work folder. */
  crash(): Promise<void>
  end(): Promise<void>
  submit(task: TesTask): Promise<string>
  /** Waits for the task's end. */
  watch(id: string): Promise<ReadByView['FULL']>
  cancel(id: string): Promise<void>
  /** Submits and waits. */
  run(task: TesTask): Promise<ReadByView['FULL']>
  /** Waits until an executor has said a word on its standard output. */
  hear(id: string, word: string, index?: number): Promise<void>
  /** What the data server has below its folder. */
  read(path: string): Promise<string>
  /** An executor in the runtime's own image. */
  shell(script: string, ...words: string[]): TesTask['executors'][number]
}

export async function startRuntimeSite(home: RuntimeHome, folder: string, signal: AbortSignal): Promise<RuntimeSite> {
  await mkdir(join(folder, 'data/reads'), { recursive: true })
  await writeFile(join(folder, 'data/reads/a.fq'), 'ACGT\nTTTT\n')
  await writeFile(join(folder, 'data/reads/b.fq'), 'GGGG\n')
  const flags = ['--data', join(folder, 'data'), ...home.siteFlags]
  const start = (): Promise<SiteProcess> =>
    startSiteProcess(join(folder, 'work'), { id: SITE_ID, runner: home.runtime, flags, env: home.env })
  let site = await start()
  const patience = () => AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)])
  const watch: RuntimeSite['watch'] = id => site.client.waitForTask(id, { signal: patience() })
  const submit: RuntimeSite['submit'] = async task => (await site.client.createTask(task)).id
  return {
    home,
    folder,
    get url() {
      return site.url
    },
    async crash() {
      await site.end('SIGKILL')
      site = await start()
    },
    async end() {
      await site.end('SIGTERM')
    },
    submit,
    watch,
    cancel: id => site.client.cancelTask(id),
    run: async task => await watch(await submit(task)),
    async hear(id, word, index = 0) {
      const file = join(folder, 'work/tasks', id, 'executors', String(index), 'stdout')
      await until(async () => (await readFile(file, 'utf8').catch(() => '')).includes(word), patience())
    },
    read: path => readFile(join(folder, 'data', path), 'utf8'),
    shell: (script, ...words) => ({ image: home.image, command: ['sh', '-c', script, 'sh', ...words] }),
  }
}

/** Looks again and again until it holds. Rejects when the signal is aborted. */
export async function until(holds: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await holds())) await delay(50, undefined, { signal })
}
