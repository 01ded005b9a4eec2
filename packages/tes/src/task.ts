/**
 * The documents of TES 1.1 as zod schemas, one per component of the contract (`openapi/tes-1.1.yaml`).
 * Each schema and its type share a name. Unknown keys are ignored when parsing.
 */
import * as z from 'zod/mini'
import { TesState } from './state.ts'

const strings = z.array(z.string())
const stringMap = z.record(z.string(), z.string())

/** Is the path a file or a directory? When the client leaves it out the server fills it in once it is known. */
export const TesFileType = z.enum(['FILE', 'DIRECTORY'])
export type TesFileType = z.infer<typeof TesFileType>

/** One step of a task: an image and the argument vector to run in it. No shell is implied. */
export const TesExecutor = z.object({
  image: z.string(),
  command: strings,
  workdir: z.optional(z.string()),
  stdin: z.optional(z.string()),
  stdout: z.optional(z.string()),
  stderr: z.optional(z.string()),
  env: z.optional(stringMap),
  ignore_error: z.optional(z.boolean()),
})
export type TesExecutor = z.infer<typeof TesExecutor>

/** A file or directory to place at `path` before the first executor starts. A `content` that is not empty wins over `url`. */
export const TesInput = z.object({
  name: z.optional(z.string()),
  description: z.optional(z.string()),
  url: z.optional(z.string()),
  path: z.string(),
  type: z.optional(TesFileType),
  content: z.optional(z.string()),
  streamable: z.optional(z.boolean()),
})
export type TesInput = z.infer<typeof TesInput>

/** A file or directory to store at `url` when the executors are done. A `path` with wildcards needs `path_prefix`. */
export const TesOutput = z.object({
  name: z.optional(z.string()),
  description: z.optional(z.string()),
  url: z.string(),
  path: z.string(),
  path_prefix: z.optional(z.string()),
  type: z.optional(TesFileType),
})
export type TesOutput = z.infer<typeof TesOutput>

/** What the task asks for. `ram_gb` and `disk_gb` are gigabytes. All three figures may be fractions; a TES 1.1 site takes whole cores. */
export const TesResources = z.object({
  cpu_cores: z.optional(z.number()),
  preemptible: z.optional(z.boolean()),
  ram_gb: z.optional(z.number()),
  disk_gb: z.optional(z.number()),
  zones: z.optional(strings),
  backend_parameters: z.optional(stringMap),
  backend_parameters_strict: z.optional(z.boolean()),
})
export type TesResources = z.infer<typeof TesResources>

/** What one executor did. Times are RFC 3339. */
export const TesExecutorLog = z.object({
  start_time: z.optional(z.string()),
  end_time: z.optional(z.string()),
  stdout: z.optional(z.string()),
  stderr: z.optional(z.string()),
  exit_code: z.int32(),
})
export type TesExecutorLog = z.infer<typeof TesExecutorLog>

/** One stored output file. `size_bytes` is a decimal number written as a string. */
export const TesOutputFileLog = z.object({
  url: z.string(),
  path: z.string(),
  size_bytes: z.string(),
})
export type TesOutputFileLog = z.infer<typeof TesOutputFileLog>

/** What happened in one attempt to run a task. */
export const TesTaskLog = z.object({
  logs: z.array(TesExecutorLog),
  metadata: z.optional(stringMap),
  start_time: z.optional(z.string()),
  end_time: z.optional(z.string()),
  outputs: z.array(TesOutputFileLog),
  system_logs: z.optional(strings),
})
export type TesTaskLog = z.infer<typeof TesTaskLog>

/** A task, as submitted and, with `id`, `state`, `logs` and `creation_time`, as a server shows it. */
export const TesTask = z.object({
  id: z.optional(z.string()),
  state: z.optional(TesState),
  name: z.optional(z.string()),
  description: z.optional(z.string()),
  inputs: z.optional(z.array(TesInput)),
  outputs: z.optional(z.array(TesOutput)),
  resources: z.optional(TesResources),
  executors: z.array(TesExecutor),
  volumes: z.optional(strings),
  tags: z.optional(stringMap),
  logs: z.optional(z.array(TesTaskLog)),
  creation_time: z.optional(z.string()),
})
export type TesTask = z.infer<typeof TesTask>

/** The MINIMAL view of a task: exactly `id` and `state`. */
export const TesTaskMinimal = z.object({ id: z.string(), state: TesState })
export type TesTaskMinimal = z.infer<typeof TesTaskMinimal>

export const TesCreateTaskResponse = z.object({ id: z.string() })
export type TesCreateTaskResponse = z.infer<typeof TesCreateTaskResponse>

export const TesCancelTaskResponse = z.object({})
export type TesCancelTaskResponse = z.infer<typeof TesCancelTaskResponse>

export const TesListTasksResponse = z.object({
  tasks: z.array(z.union([TesTask, TesTaskMinimal])),
  next_page_token: z.optional(z.string()),
})
export type TesListTasksResponse = z.infer<typeof TesListTasksResponse>
