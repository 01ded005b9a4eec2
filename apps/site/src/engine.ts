/**
 * The tasks of a site: a store, a scheduler over it, and what an earlier process has left running.
 */
import { hostname } from 'node:os'
import { isTerminal } from '@portolan/tes'
import { DEFAULT_LIMITS, DEFAULT_S3_REGION, type Report, type SiteOptions } from './options.ts'
import { createChooser } from './runners/choose.ts'
import type { Runner } from './runners/runner.ts'
import type { Buckets } from './s3/buckets.ts'
import type { ExchangeLimits, Origins } from './staging/http-exchange.ts'
import type { OwnData } from './staging/own-data.ts'
import type { TaskStore } from './store/task-store.ts'
import type { TaskContext } from './tasks/run-task.ts'
import { createScheduler, type Scheduler } from './tasks/scheduler.ts'
import { TaskFolder } from './tasks/task-folder.ts'

export interface EngineParts {
  readonly options: SiteOptions
  readonly runners: readonly Runner[]
  readonly slots: number
  readonly store: TaskStore
  readonly own?: OwnData | undefined
  readonly report: Report
}

/** Starts the scheduler and takes up every task that is not over. */
export async function startEngine(parts: EngineParts): Promise<Scheduler> {
  const { options, store, runners } = parts
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const s3Origins = Object.keys(options.s3 ?? {}).map((origin): [string, undefined] => [origin, undefined])
  const origins: Origins = new Map([...s3Origins, ...Object.entries(options.fetch ?? {})])
  const staging = { origins, connectMs: limits.connectMs, idleMs: limits.idleMs, maxFileBytes: limits.maxInputBytes }
  const context: TaskContext = {
    siteId: options.id,
    runners,
    choose: createChooser(runners),
    graceMs: limits.graceMs,
    report: parts.report,
    save: record => store.save(record),
    metadata: { site: options.id, host: hostname(), ...(options.country !== undefined && { country: options.country }) },
    staging: {
      limits: staging,
      fileRoots: options.fileRoots ?? [],
      own: parts.own,
      buckets: await openS3(options, staging),
    },
  }
  const scheduler = createScheduler(store, context, { slots: parts.slots })
  const records = store.all()
  for (const record of records) if (isTerminal(record.task.state)) await new TaskFolder(store.folderOf(record.task.id)).remove()
  // First what runs, then what was being prepared, then what waits.
  const order = ['RUNNING', 'INITIALIZING', 'QUEUED']
  for (const state of order) for (const record of records) if (record.task.state === state) scheduler.enqueue(record)
  return scheduler
}

/** The SDK of AWS takes memory and time to load: only a site with a server of its own does it. */
async function openS3(
  { s3 = {}, buckets = {}, s3Region = DEFAULT_S3_REGION }: SiteOptions,
  limits: ExchangeLimits,
): Promise<Buckets | undefined> {
  if (Object.keys(s3).length === 0) return undefined
  const { openBuckets } = await import('./s3/open-buckets.ts')
  return openBuckets({ servers: s3, buckets, region: s3Region }, limits)
}
