/**
 * What the prose of TES 1.1 asks of a task beyond its shape, and what no careful server should pass on to a container runtime.
 * The builder, the server and the command line all judge by this one function, so they all say the same.
 */
import type { Problem } from '@portolan/ga4gh/documents'
import {
  checkAmount,
  checkDirectory,
  checkEnv,
  checkImage,
  checkPath,
  checkUrl,
  checkWorkdir,
  countBytes,
  hasWildcard,
  type Problems,
} from './check-value.ts'
import type { TesExecutor, TesInput, TesOutput, TesTask } from './task.ts'

/** How large a task may be, and what it may leave to the server. The standard asks servers for at least 128 KiB of `contentBytes`. */
export interface TaskLimits {
  /** Bytes of one `inputs[].content` in UTF-8. Default 1 MiB. */
  readonly contentBytes: number
  /** Default 20,000 each. */
  readonly inputs: number
  readonly outputs: number
  /** Default 100. */
  readonly executors: number
  /** Default 256. */
  readonly tags: number
  /** True where the server finds a place for an output whose `url` is a bare name, such as `report.html`. Default false. */
  readonly outputNames: boolean
}

export const DEFAULT_LIMITS: TaskLimits = {
  contentBytes: 1024 * 1024,
  inputs: 20_000,
  outputs: 20_000,
  executors: 100,
  tags: 256,
  outputNames: false,
}

const MAX_PROBLEMS = 100
const MAX_CORES = 1_000_000
/** In the environments of all executors together. */
const MAX_VARIABLES = 20_000
const MAX_VOLUMES = 1_000
const MAX_GB = 1_000_000_000

/**
 * All that is wrong with the meaning of a task, at most 100 problems; empty if it is good. The shape must be right already (`parseTask`).
 * Fields that only a server sets (`id`, `state`, `logs`, `creation_time`) are not looked at.
 */
export function checkTask(task: TesTask, limits: Partial<TaskLimits> = {}): Problem[] {
  const problems: Problem[] = []
  for (const problem of checkAll(task, { ...DEFAULT_LIMITS, ...limits })) {
    problems.push(problem)
    if (problems.length === MAX_PROBLEMS) break
  }
  return problems
}

function* checkAll(task: TesTask, limits: TaskLimits): Problems {
  if (task.executors.length === 0) {
    yield { path: 'executors', message: 'The task has no executor', fix: 'Give at least one, with an image and a command.' }
  }
  yield* checkCount(task.executors.length, limits.executors, 'executors', 'Split the task.')
  const variables = task.executors.reduce((sum, { env }) => sum + Object.keys(env ?? {}).length, 0)
  yield* checkCount(variables, MAX_VARIABLES, 'executors', 'Set fewer variables in env: hand them over in a file.')
  for (const [index, executor] of task.executors.entries()) yield* checkExecutor(executor, `executors[${index}]`)

  yield* checkCount(task.inputs?.length ?? 0, limits.inputs, 'inputs', 'Give a directory instead of its files.')
  for (const [index, input] of (task.inputs ?? []).entries()) yield* checkInput(input, `inputs[${index}]`, limits.contentBytes)

  yield* checkCount(task.outputs?.length ?? 0, limits.outputs, 'outputs', 'Give a directory instead of its files.')
  for (const [index, output] of (task.outputs ?? []).entries()) yield* checkOutput(output, `outputs[${index}]`, limits.outputNames)

  yield* checkCount(task.volumes?.length ?? 0, MAX_VOLUMES, 'volumes', 'Share fewer directories among the executors.')
  for (const [index, volume] of (task.volumes ?? []).entries()) yield* checkDirectory(volume, `volumes[${index}]`)

  yield* checkAmount(task.resources?.cpu_cores, MAX_CORES, 'resources.cpu_cores')
  yield* checkAmount(task.resources?.ram_gb, MAX_GB, 'resources.ram_gb')
  yield* checkAmount(task.resources?.disk_gb, MAX_GB, 'resources.disk_gb')

  const tags = Object.keys(task.tags ?? {})
  yield* checkCount(tags.length, limits.tags, 'tags', 'Use fewer tags.')
  if (tags.includes('')) yield { path: 'tags', message: 'A tag has an empty key', fix: 'Give the tag a key.' }
}

function* checkCount(count: number, most: number, path: string, fix: string): Problems {
  if (count > most) yield { path, message: `${count} entries are more than the ${most} allowed here`, fix }
}

function* checkExecutor(executor: TesExecutor, path: string): Problems {
  yield* checkImage(executor.image, `${path}.image`)
  if (executor.command.length === 0) {
    yield {
      path: `${path}.command`,
      message: 'The command is empty',
      fix: 'Give the program and its arguments, such as ["echo", "hello"].',
    }
  } else if (executor.command[0] === '') {
    yield { path: `${path}.command[0]`, message: 'The program is empty', fix: 'Name the program to run.' }
  }
  const nul = executor.command.findIndex(argument => argument.includes('\0'))
  if (nul >= 0) yield { path: `${path}.command[${nul}]`, message: 'The argument holds a NUL character', fix: 'Remove it.' }
  // Several clients send '' for what they leave unset.
  if (executor.workdir) yield* checkWorkdir(executor.workdir, `${path}.workdir`)
  if (executor.stdin) yield* checkPath(executor.stdin, `${path}.stdin`)
  if (executor.stdout) yield* checkPath(executor.stdout, `${path}.stdout`)
  if (executor.stderr) yield* checkPath(executor.stderr, `${path}.stderr`)
  if (executor.env) yield* checkEnv(executor.env, `${path}.env`)
}

function* checkInput(input: TesInput, path: string, contentBytes: number): Problems {
  yield* checkPath(input.path, `${path}.path`)
  if (input.content) {
    const bytes = countBytes(input.content)
    if (bytes > contentBytes) {
      const fix = 'Store the file and give its URL instead.'
      yield { path: `${path}.content`, message: `${bytes} bytes of inline content are more than the ${contentBytes} allowed here`, fix }
    }
  } else if (input.url === undefined) {
    yield {
      path: `${path}.url`,
      message: 'The input has neither a url nor content',
      fix: 'Give the URL of the file, or its text as content.',
    }
  } else yield* checkUrl(input.url, `${path}.url`)
}

function* checkOutput(output: TesOutput, path: string, mayBeName: boolean): Problems {
  yield* checkPath(output.path, `${path}.path`)
  yield* checkUrl(output.url, `${path}.url`, mayBeName)
  if (!hasWildcard(output.path)) return
  if (!output.path_prefix) {
    const fix = 'Give the directory that is cut from each match before the rest is appended to url.'
    yield { path: `${path}.path_prefix`, message: 'A path with wildcards needs a path_prefix', fix }
    return
  }
  yield* checkPath(output.path_prefix, `${path}.path_prefix`)
  if (!output.path.startsWith(output.path_prefix)) {
    yield { path: `${path}.path_prefix`, message: 'The path does not begin with its path_prefix', fix: 'Give the beginning of path.' }
  }
  if (hasWildcard(output.path_prefix)) {
    yield { path: `${path}.path_prefix`, message: 'The path_prefix holds a wildcard', fix: 'Give the part before the first wildcard.' }
  }
}
