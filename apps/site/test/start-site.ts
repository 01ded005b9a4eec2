/**
 * A site for a test: plain processes, port 0, a folder of its own, and our client in front of it.
 */

import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TesTask } from '@portolan/tes'
import { bearer, createTesClient, type ReadByView, type TesClient } from '@portolan/tes/client'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { Access } from '../src/data-server/access-log.ts'
import { type Site, type SiteOptions, startSite } from '../src/site.ts'

export const TOKEN = makeSecret('token-of-the-site')
export const READER = makeSecret('token-of-a-reader')

export interface TestSite extends AsyncDisposable {
  readonly site: Site
  readonly client: TesClient
  /** Everything of the test lies below it; `data` and `work` are the site's. */
  readonly folder: string
  /** Submits the task and waits for its end. */
  run(task: Partial<TesTask>): Promise<ReadByView['FULL']>
  /** Creates the task with a client that does not check it first. */
  submit(task: Partial<TesTask>): Promise<string>
  accesses(): Promise<Access[]>
}

export async function startTestSite(options: Partial<SiteOptions> = {}): Promise<TestSite> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-site-'))
  await mkdir(join(folder, 'data'))
  await mkdir(join(folder, 'files'))
  const site = await startSite({
    id: 'berlin',
    work: join(folder, 'work'),
    data: join(folder, 'data'),
    runner: 'process',
    allowRoot: true,
    token: TOKEN,
    readers: { munich: READER },
    fileRoots: [join(folder, 'files')],
    limits: { graceMs: 200 },
    ...options,
  })
  const client = connect(site.url)
  const submit = async (task: Partial<TesTask>) => (await client.createTask({ executors: [], ...task })).id
  return {
    site,
    client,
    folder,
    submit,
    run: async task => await client.waitForTask(await submit(task)),
    accesses: () => readAccesses(site.accessLog),
    async [Symbol.asyncDispose]() {
      for await (const { id } of client.listTasks()) await client.cancelTask(id)
      for await (const { id } of client.listTasks()) await client.waitForTask(id)
      await site[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

export function connect(url: string, token: string = TOKEN): TesClient {
  return createTesClient({ url: `${url}/ga4gh/tes/v1`, auth: bearer(token), pollIntervalMs: 30 })
}

async function readAccesses(path: string): Promise<Access[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter(Boolean)
  return lines.map(line => Access.parse(JSON.parse(line)))
}

/** An executor that runs a shell script with arguments. */
export function shell(script: string, ...words: string[]): TesTask['executors'][number] {
  return { image: 'alpine', command: ['sh', '-c', script, 'sh', ...words] }
}
