/**
 * From a stored task to the work that placement understands: what its paths mean, where its inputs lie, and how large they are.
 */
import {
  type CompiledSnapshot,
  describeTask,
  hasContent,
  type LocatedInput,
  mapPaths,
  mayMeasure,
  type TaskMeta,
  type Work,
} from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import { ASSUMED_SIZE, type Locator } from '../data/locator.ts'

/** How long a placement waits for the locators, ms; what is not known by then is `assumed`. */
const LOCATE_BUDGET_MS = 200

/**
 * The servers of the inputs are asked only if the rules of `compiled` let this task touch the data at some site; otherwise all sizes are assumed,
 * and whether anything exists is said to nobody.
 */
export async function describeLocated(
  written: TesTask,
  identity: TaskMeta,
  locator: Locator,
  compiled: () => CompiledSnapshot,
): Promise<Work> {
  const { task } = mapPaths(written, compiled().snapshot.locations, identity.project)
  const meta = task === written ? identity : { ...identity, documentBytes: identity.documentBytes + bytesOf(task) - bytesOf(written) }
  const inputs = (task.inputs ?? []).flatMap(input => (input.url === undefined || hasContent(input) ? [] : [{ ...input, url: input.url }]))
  const unmeasured = inputs.map(
    ({ url, path }): LocatedInput => ({ url, path, replicas: locator.find(url), ...ASSUMED_SIZE, assumed: true }),
  )
  const work = describeTask(task, meta, unmeasured)
  if (inputs.length > 0 && !mayMeasure(compiled(), work)) return work
  const found = await locator.locate(
    inputs.map(({ url, type }) => ({ url, directory: type === 'DIRECTORY' })),
    LOCATE_BUDGET_MS,
  )
  const located = inputs.flatMap(({ url, path }, at): LocatedInput[] => {
    const where = found[at]
    return where ? [{ url, path, ...where }] : []
  })
  return describeTask(task, meta, located)
}

function bytesOf(task: TesTask): number {
  return Buffer.byteLength(JSON.stringify(task))
}
