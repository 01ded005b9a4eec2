/**
 * From foreign JSON to a task whose shape and meaning are good, or to all that is wrong with it.
 */
import type { Problem } from '@portolan/ga4gh/documents'
import type * as z from 'zod/mini'
import { checkTask, type TaskLimits } from './check-task.ts'
import { dropNulls } from './drop-nulls.ts'
import { TesTask } from './task.ts'

export type ParsedTask =
  | { readonly task: TesTask; readonly problems: readonly [] }
  | { readonly task?: undefined; readonly problems: readonly Problem[] }

/** Drops nulls and unknown keys, then judges shape and meaning. */
export function parseTask(value: unknown, limits?: Partial<TaskLimits>): ParsedTask {
  const parsed = readShape(value)
  if (parsed === undefined) return { problems: [TOO_MANY] }
  if (!parsed.success) return { problems: parsed.error.issues.slice(0, 100).map(describeIssue) }
  const problems = checkTask(parsed.data, limits)
  return problems.length > 0 ? { problems } : { task: parsed.data, problems: [] }
}

const TOO_MANY: Problem = {
  path: '',
  message: 'The document has more faults than can be told',
  fix: 'Write a task as TES 1.1 describes it; begin with one input.',
}

/** Undefined: the schema hands on its findings as the arguments of one call, and of several hundred thousand those are too many for the stack. */
function readShape(value: unknown) {
  try {
    return TesTask.safeParse(dropNulls(value), { reportInput: true })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** `['executors', 0, 'image']` as `executors[0].image`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    const name = String(key)
    if (!/^[A-Za-z_]\w*$/.test(name)) return `${text}[${JSON.stringify(name)}]`
    return text ? `${text}.${name}` : name
  }, '')
}

function describeIssue(issue: z.core.$ZodIssue): Problem {
  const path = formatPath(issue.path)
  if (issue.code === 'invalid_type') {
    return issue.input === undefined
      ? { path, message: 'The field is missing', fix: `Give it, as ${issue.expected}.` }
      : { path, message: 'The field has the wrong type', fix: `Write it as ${issue.expected}.` }
  }
  if (issue.code === 'invalid_value') {
    return { path, message: 'The word is not one of the standard', fix: `Write one of ${issue.values.join(', ')}.` }
  }
  return { path, message: issue.message, fix: 'Write a value that the standard allows.' }
}
