/**
 * The tasks of the site: one folder per task with `task.json`, and all of them in memory.
 *
 * A crash loses nothing that `create` or `save` has answered. One process owns the folder (see `site-lock.ts`).
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TesTask } from '@portolan/tes'
import { syncDirectory, writeAtomically } from './atomic-file.ts'
import { TaskRecord } from './record.ts'
import { matches, type TaskFilter } from './task-filter.ts'
import { createTaskIds } from './task-id.ts'

const RECORD = 'task.json'

export interface TaskPage {
  readonly records: readonly TaskRecord[]
  /** The id of the last task of the page, where more may follow. */
  readonly last?: string | undefined
}

export interface TaskStore {
  /** The folder of a task: its record, its files, its executors' states. */
  folderOf(id: string): string
  create(document: TesTask, creationTime: Date): Promise<TaskRecord>
  save(record: TaskRecord): Promise<void>
  get(id: string): TaskRecord | undefined
  /** Newest first, only tasks older than `before`. */
  list(filter: TaskFilter, size: number, before?: string): TaskPage
  /** All tasks, oldest first. */
  all(): readonly TaskRecord[]
}

/** Reads every task below the folder. A folder without a whole record belongs to a create that was never answered: it is removed. */
export async function openTaskStore(folder: string): Promise<TaskStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const records = new Map<string, TaskRecord>()
  for (const id of (await readdir(folder)).sort()) {
    const text = await readFile(join(folder, id, RECORD), 'utf8').catch(() => undefined)
    if (text === undefined) await rm(join(folder, id), { recursive: true, force: true })
    else records.set(id, TaskRecord.parse(JSON.parse(text)))
  }
  return storeOver(folder, records)
}

function storeOver(folder: string, records: Map<string, TaskRecord>): TaskStore {
  const nextId = createTaskIds(() => Date.now())
  // Saves of one task follow each other, so that an older text never lands on a newer one.
  const saving = new Map<string, Promise<void>>()
  const folderOf = (id: string) => join(folder, id)

  function save(record: TaskRecord): Promise<void> {
    const { id } = record.task
    const text = JSON.stringify(record)
    const write = (saving.get(id) ?? Promise.resolve()).catch(() => undefined).then(() => writeAtomically(join(folderOf(id), RECORD), text))
    saving.set(id, write)
    const forget = () => {
      if (saving.get(id) === write) saving.delete(id)
    }
    write.then(forget, forget)
    return write
  }

  return {
    folderOf,
    save,
    get: id => records.get(id),
    all: () => [...records.values()].sort((a, b) => compareIds(a.task.id, b.task.id)),

    async create(document, creationTime) {
      const id = nextId()
      const { logs: _, ...asked } = document
      const record: TaskRecord = {
        task: { ...asked, id, state: 'QUEUED', creation_time: creationTime.toISOString() },
        cancelRequested: false,
        executorsOver: false,
      }
      await mkdir(folderOf(id), { mode: 0o700 })
      await save(record)
      await syncDirectory(folder)
      records.set(id, record)
      return record
    },

    list(filter, size, before) {
      const found: TaskRecord[] = []
      for (const record of [...records.values()].sort((a, b) => compareIds(b.task.id, a.task.id))) {
        if (before !== undefined && compareIds(record.task.id, before) >= 0) continue
        if (!matches(record.task, filter)) continue
        if (found.length === size) return { records: found, last: found.at(-1)?.task.id }
        found.push(record)
      }
      return { records: found }
    },
  }
}

function compareIds(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
