/**
 * The tasks of a site: a store, a scheduler over it, and what an earlier process has left running.
 */
import { hostname } from 'node:os'
import { isTerminal } from '@portolan/tes'
import { DEFAULT_LIMITS, type Report, type SiteOptions } from './options.ts'
import { createChooser } from './runners/choose.ts'
import type { Runner } from './runners/runner.ts'
import type { Origins } from './staging/http-exchange.ts'
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
  const origins: Origins = new Map(Object.entries(options.fetch ?? {}))
  const context: TaskContext = {
    siteId: options.id,
    runners,
    choose: createChooser(runners),
    graceMs: limits.graceMs,
    report: parts.report,
    save: record => store.save(record),
    metadata: { site: options.id, host: hostname(), ...(options.country !== undefined && { country: options.country }) },
    staging: {
      limits: { origins, connectMs: limits.connectMs, idleMs: limits.idleMs, maxFileBytes: limits.maxInputBytes },
      fileRoots: options.fileRoots ?? [],
      own: parts.own,
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
