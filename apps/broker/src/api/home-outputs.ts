/**
 * Gives outputs that are but named their place below the results of the project, or refuses the task with the field and the fix. Pure.
 */
import { type MovedOutput, placeOutputs, type WorkId } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import type { ProjectEntry } from '../auth/project-of.ts'
import { Refusal } from './refusal.ts'

export interface HomedTask {
  /** The same object where every output has a place. */
  readonly task: TesTask
  /** What is told of it in the system logs. */
  readonly notes: readonly string[]
}

/** So many names are told; the task shows them all. */
const NAMED = 10

/** Throws `no-results` and `bad-output-name`. */
export function homeOutputs(task: TesTask, { id: project, results }: ProjectEntry, id: WorkId): HomedTask {
  const placed = placeOutputs(task, results, id)
  const [first] = placed.problems
  if (first !== undefined) {
    const shown = JSON.stringify(first.name.slice(0, 200))
    if (first.kind === 'homeless') {
      const message = `The output ${shown} is but a name, and the project ${project} declares no results`
      const fix = 'Give the output a URL, such as s3://bucket/key, or ask the operator to declare where results of the project go.'
      throw new Refusal('no-results', undefined, { problems: placed.problems.map(({ field }) => ({ path: field, message, fix })) })
    }
    const problems = placed.problems.map(({ field, name }) => ({
      path: field,
      message: `The output ${JSON.stringify(name.slice(0, 200))} is no plain name`,
      fix: 'Leave out dot segments, double slashes, backslashes, and, in a bucket, %, ? and #.',
    }))
    throw new Refusal('bad-output-name', undefined, { problems })
  }
  return { task: placed.task, notes: placed.moved.length === 0 ? [] : [sayMoved(placed.moved, `${results}${id}/`)] }
}

function sayMoved(moved: readonly MovedOutput[], folder: string): string {
  const names = moved.slice(0, NAMED).map(({ from }) => from.slice(0, 200))
  const more = moved.length > NAMED ? ` and ${moved.length - NAMED} more` : ''
  return `Outputs that are but named go below ${folder}: ${names.join(', ')}${more}`
}
