/**
 * The TES API of a site: each operation of the standard in terms of its store and its scheduler.
 */

import { randomInt } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { TesExecutor, TesResources, TesServiceInfo } from '@portolan/tes'
import { badRequest, createTesApp } from '@portolan/tes/server'
import type { Report } from '../options.ts'
import { note } from '../store/record.ts'
import type { TaskStore } from '../store/task-store.ts'
import type { Scheduler } from '../tasks/scheduler.ts'
import { showTask } from '../tasks/show-task.ts'
import { TaskFolder } from '../tasks/task-folder.ts'
import { formPageToken, readPageToken } from './page-token.ts'

export interface TesApiParts {
  readonly store: TaskStore
  readonly scheduler: Scheduler
  readonly serviceInfo: TesServiceInfo
  readonly maxBodyBytes: number
  readonly holdCreateMs?: readonly [min: number, max: number] | undefined
  readonly report: Report
}

export function createTesApi(parts: TesApiParts): RequestListener {
  const { store, scheduler } = parts
  return createTesApp(
    {
      getServiceInfo: () => parts.serviceInfo,

      listTasks(_call, query) {
        const before = query.pageToken === undefined ? undefined : readPageToken(query.pageToken)
        if (query.pageToken !== undefined && before === undefined) throw unknownToken()
        const page = store.list(query, query.pageSize, before)
        return {
          tasks: page.records.map(({ task }) => task),
          ...(page.last !== undefined && { nextPageToken: formPageToken(page.last) }),
        }
      },

      async createTask(call, task) {
        const { resources, ignored } = withoutBackendParameters(task.resources)
        const executors = task.executors.map(withoutEmptyTexts)
        const record = await store.create({ ...task, executors, ...(resources && { resources }) }, new Date())
        for (const key of ignored) note(record, `warning: this site has no backend parameter ${JSON.stringify(key)}: it is ignored`)
        scheduler.enqueue(record)
        if (parts.holdCreateMs) await hold(parts.holdCreateMs, call.signal)
        return { id: record.task.id }
      },

      getTask(_call, { id, view }) {
        const record = store.get(id)
        return record && showTask(record, new TaskFolder(store.folderOf(id)), view)
      },

      async cancelTask(_call, { id }) {
        const record = store.get(id)
        if (!record) return undefined
        await scheduler.cancel(record)
        return {}
      },
    },
    {
      bodyBytes: parts.maxBodyBytes,
      onError: error => parts.report('a request failed', error),
    },
  )
}

/** Waits for a random time in the range, or until the client has gone. */
async function hold([min, max]: readonly [min: number, max: number], signal: AbortSignal): Promise<void> {
  await delay(randomInt(min, max + 1), undefined, { signal }).catch(() => undefined)
}

/** Several clients send an empty text for what they leave unset. */
function withoutEmptyTexts({ workdir, stdin, stdout, stderr, ...executor }: TesExecutor): TesExecutor {
  return { ...executor, ...(workdir && { workdir }), ...(stdin && { stdin }), ...(stdout && { stdout }), ...(stderr && { stderr }) }
}

/** The site knows no backend parameters: strict ones are refused, others are dropped and named. */
function withoutBackendParameters(resources: TesResources | undefined): { resources?: TesResources | undefined; ignored: string[] } {
  const ignored = Object.keys(resources?.backend_parameters ?? {})
  if (!resources || ignored.length === 0) return { resources, ignored }
  if (resources.backend_parameters_strict === true) {
    throw badRequest(
      ignored.map(key => ({
        path: `resources.backend_parameters.${key}`,
        message: 'This site has no such backend parameter',
        fix: 'Leave it out, or set backend_parameters_strict to false',
      })),
    )
  }
  const { backend_parameters: _, ...rest } = resources
  return { resources: rest, ignored }
}

function unknownToken() {
  return badRequest([{ path: 'page_token', message: 'No page of this site ever gave this token', fix: 'Start again without one' }])
}
