/**
 * Building a task with little typing: one image and command become the one executor, maps become inputs and outputs.
 */
import { ApiError, describeProblems } from '@portolan/ga4gh/documents'
import { checkTask, type TaskLimits } from './check-task.ts'
import { dropNulls } from './drop-nulls.ts'
import type { TesExecutor, TesInput, TesOutput, TesTask } from './task.ts'

/** A task as one writes it. Either `executors`, or the fields of the one executor. */
export type TaskDefinition = Omit<TesTask, 'id' | 'state' | 'logs' | 'creation_time' | 'executors' | 'inputs' | 'outputs'> & {
  /** As in the standard, or path → URL. */
  readonly inputs?: readonly TesInput[] | Readonly<Record<string, string>> | undefined
  /** As in the standard, or path → URL. */
  readonly outputs?: readonly TesOutput[] | Readonly<Record<string, string>> | undefined
  readonly limits?: Partial<TaskLimits> | undefined
} & ({ readonly executors: readonly TesExecutor[] } | TesExecutor)

/** The task in the words of the standard. Throws an `ApiError` (`bad_request`, `not_sent`) whose `problems` name each field and the fix. */
export function defineTask(definition: TaskDefinition): TesTask {
  const { inputs, outputs, limits, name, description, resources, volumes, tags, ...rest } = definition
  const task = dropNulls({
    name,
    description,
    inputs: inputs && filesOf(inputs),
    outputs: outputs && filesOf(outputs),
    resources,
    executors: 'executors' in rest ? [...rest.executors] : [rest],
    volumes,
    tags,
  })
  const problems = checkTask(task, limits)
  if (problems.length > 0) {
    throw new ApiError('bad_request', `The task is not good: ${describeProblems(problems)}`, { delivery: 'not_sent', problems })
  }
  return task
}

function filesOf<F extends { path: string; url?: string | undefined }>(files: readonly F[] | Readonly<Record<string, string>>) {
  return isList(files) ? [...files] : Object.entries(files).map(([path, url]) => ({ path, url }))
}

function isList<F>(files: readonly F[] | Readonly<Record<string, string>>): files is readonly F[] {
  return Array.isArray(files)
}
