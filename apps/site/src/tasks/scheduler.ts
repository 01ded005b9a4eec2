/**
 * Runs at most so many tasks at a time, in the order of their creation; those that an earlier site was running go first.
 */

import { isTerminal } from '@portolan/tes'
import { logOf, note, type TaskRecord } from '../store/record.ts'
import type { TaskStore } from '../store/task-store.ts'
import { runTask, type TaskContext } from './run-task.ts'
import { TaskFolder } from './task-folder.ts'

export interface Scheduler extends AsyncDisposable {
  enqueue(record: TaskRecord): void
  /** After this returns no new executor of the task starts. Changes nothing for a task that is over. */
  cancel(record: TaskRecord): Promise<void>
  counts(): { readonly queued: number; readonly running: number }
}

interface Work {
  readonly controller: AbortController
  readonly done: Promise<void>
}

export function createScheduler(store: TaskStore, context: TaskContext, options: { readonly slots: number }): Scheduler {
  const stop = new AbortController()
  const queue: TaskRecord[] = []
  const running = new Map<string, Work>()

  function start(record: TaskRecord): void {
    const controller = new AbortController()
    if (record.cancelRequested) controller.abort()
    const { id } = record.task
    const signals = { stop: stop.signal, cancel: controller.signal }
    const done = runTask(record, new TaskFolder(store.folderOf(id)), context, signals)
      .catch((error: unknown) => context.report(`task ${id} stands still: its record cannot be written`, error))
      .finally(() => {
        running.delete(id)
        fill()
      })
    running.set(id, { controller, done })
  }

  function fill(): void {
    while (!stop.signal.aborted && running.size < options.slots) {
      const next = queue.shift()
      if (!next) return
      start(next)
    }
  }

  return {
    enqueue(record) {
      // What runs already takes no new slot, whatever the limit is by now.
      if (record.task.state === 'RUNNING' || record.cancelRequested) start(record)
      else {
        queue.push(record)
        fill()
      }
    },

    async cancel(record) {
      if (isTerminal(record.task.state)) return
      record.cancelRequested = true
      const waiting = queue.indexOf(record)
      if (waiting >= 0) {
        queue.splice(waiting, 1)
        note(record, 'canceled before it started')
        logOf(record).end_time = new Date().toISOString()
        record.task.state = 'CANCELED'
      }
      running.get(record.task.id)?.controller.abort()
      await store.save(record)
    },

    counts: () => ({ queued: queue.length, running: running.size }),

    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.all([...running.values()].map(({ done }) => done))
    },
  }
}
