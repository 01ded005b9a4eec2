/**
 * Reading what TES servers really answer: 1.0 and 1.1, missing fields, nulls, numbers for strings, states of the future, keys of their own.
 * Nothing here throws. What a field cannot be read as is left out; only an answer without an id is no task.
 */
import * as z from 'zod/mini'
import { dropNulls } from './drop-nulls.ts'
import { TesState } from './state.ts'
import { TesFileType } from './task.ts'

/** A schema that takes anything: first `turn`ed into a candidate, and undefined if that does not fit. */
function lenient<S extends z.ZodMiniType>(schema: S, turn: (value: unknown) => unknown = value => value) {
  return z.catch(z.optional(z.pipe(z.transform(turn), schema)), undefined)
}

const toText = (value: unknown): unknown => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value)
const toNumber = (value: unknown): unknown => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value)
const toInteger = (value: unknown): unknown => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value)
const toUpper = (value: unknown): unknown => (typeof value === 'string' ? value.toUpperCase() : value)

const text = lenient(z.string(), toText)
const mustText = z.catch(z.pipe(z.transform(toText), z.string()), '')
const number = lenient(z.number(), toNumber)
const integer = lenient(z.int32(), toInteger)
const flag = lenient(z.boolean(), value => (value === 'true' ? true : value === 'false' ? false : value))
const texts = lenient(z.array(z.string()), value =>
  Array.isArray(value) ? value.map(toText).filter(entry => typeof entry === 'string') : undefined,
)
const textMap = lenient(z.record(z.string(), z.string()), value =>
  isRecord(value)
    ? Object.fromEntries(
        Object.entries(value)
          .map(([key, entry]) => [key, toText(entry)])
          .filter(([, entry]) => typeof entry === 'string'),
      )
    : undefined,
)
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const records = (value: unknown): unknown[] => (Array.isArray(value) ? value.filter(isRecord) : [])
const listOf = <S extends z.ZodMiniType>(schema: S) => z.catch(z.pipe(z.transform(records), z.array(schema)), [])
const maybeListOf = <S extends z.ZodMiniType>(schema: S) =>
  lenient(z.array(schema), value => (Array.isArray(value) ? records(value) : undefined))

const ReadExecutor = z.object({
  image: mustText,
  command: z.catch(
    z.pipe(
      z.transform(value => (Array.isArray(value) ? value.map(toText) : value)),
      z.array(z.string()),
    ),
    [],
  ),
  workdir: text,
  stdin: text,
  stdout: text,
  stderr: text,
  env: textMap,
  ignore_error: flag,
})

const type = lenient(TesFileType, toUpper)
const ReadInput = z.object({ name: text, description: text, url: text, path: mustText, type, content: text, streamable: flag })
const ReadOutput = z.object({ name: text, description: text, url: mustText, path: mustText, path_prefix: text, type })
const ReadResources = z.object({
  cpu_cores: number,
  preemptible: flag,
  ram_gb: number,
  disk_gb: number,
  zones: texts,
  backend_parameters: textMap,
  backend_parameters_strict: flag,
})

/** Unlike the standard's, without `exit_code` while the executor runs: some servers leave it out then. */
export const ReadExecutorLog = z.object({ start_time: text, end_time: text, stdout: text, stderr: text, exit_code: integer })
export type ReadExecutorLog = z.infer<typeof ReadExecutorLog>

export const ReadOutputFileLog = z.object({ url: mustText, path: mustText, size_bytes: text })
export type ReadOutputFileLog = z.infer<typeof ReadOutputFileLog>

export const ReadTaskLog = z.object({
  logs: listOf(ReadExecutorLog),
  metadata: textMap,
  start_time: text,
  end_time: text,
  outputs: listOf(ReadOutputFileLog),
  system_logs: lenient(z.array(z.string()), value => {
    const lines = typeof value === 'string' ? [value] : value
    return Array.isArray(lines) ? lines.map(toText).filter(line => typeof line === 'string') : undefined
  }),
})
export type ReadTaskLog = z.infer<typeof ReadTaskLog>

/** A task as any server may show it. A state that the standard does not know is UNKNOWN. */
export const ReadTask = z.object({
  id: z.pipe(z.transform(toText), z.string().check(z.minLength(1))),
  state: z.catch(z.pipe(z.transform(toUpper), TesState), 'UNKNOWN'),
  name: text,
  description: text,
  inputs: maybeListOf(ReadInput),
  outputs: maybeListOf(ReadOutput),
  resources: lenient(ReadResources),
  executors: listOf(ReadExecutor),
  volumes: texts,
  tags: textMap,
  logs: maybeListOf(ReadTaskLog),
  creation_time: text,
})
export type ReadTask = z.infer<typeof ReadTask>

const ReadId = z.pick(ReadTask, { id: true })
export const ReadMinimal = z.pick(ReadTask, { id: true, state: true })
export type ReadMinimal = z.infer<typeof ReadMinimal>

/** The task, or undefined if the answer has no id. */
export function readTask(value: unknown): ReadTask | undefined {
  const parsed = ReadTask.safeParse(value)
  return parsed.success ? dropNulls(parsed.data) : undefined
}

/** Only `id` and `state`, whatever else the server sends. */
export function readMinimal(value: unknown): ReadMinimal | undefined {
  return ReadMinimal.safeParse(value).data
}

/** The id of a new task, or undefined if the answer has none. */
export function readCreated(value: unknown): string | undefined {
  return ReadId.safeParse(value).data?.id
}

export interface ReadList<T> {
  readonly tasks: T[]
  readonly nextPageToken?: string | undefined
  /** Entries that were no task. */
  readonly unreadable: number
}

/** One page, or undefined if the answer is none. A missing list counts as empty only where the answer says nothing else. */
export function readTaskList<T>(value: unknown, readOne: (entry: unknown) => T | undefined): ReadList<T> | undefined {
  if (!isRecord(value)) return undefined
  const { tasks: entries, next_page_token: token, ...others } = value
  if (entries === undefined || entries === null ? Object.keys(others).length > 0 : !Array.isArray(entries)) return undefined
  const all: unknown[] = Array.isArray(entries) ? entries : []
  const tasks = all.map(readOne).filter(task => task !== undefined)
  const nextPageToken = toText(token)
  return {
    tasks,
    unreadable: all.length - tasks.length,
    ...(typeof nextPageToken === 'string' && nextPageToken !== '' && { nextPageToken }),
  }
}

export const ReadServiceInfo = z.object({
  id: text,
  name: text,
  version: text,
  description: text,
  type: lenient(z.object({ group: text, artifact: text, version: text })),
  organization: lenient(z.object({ name: text, url: text })),
  contactUrl: text,
  documentationUrl: text,
  createdAt: text,
  updatedAt: text,
  environment: text,
  storage: texts,
  tesResources_backend_parameters: texts,
})
export type ReadServiceInfo = z.infer<typeof ReadServiceInfo>

/** What a server says of itself, all of it optional; undefined if the answer is no object. */
export function readServiceInfo(value: unknown): ReadServiceInfo | undefined {
  const parsed = ReadServiceInfo.safeParse(value)
  return parsed.success ? dropNulls(parsed.data) : undefined
}
