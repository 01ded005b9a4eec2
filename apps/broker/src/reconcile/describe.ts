/**
 * From a stored task to the work that placement understands: asks the locators where its inputs lie, then describes it.
 */
import { describeTask, hasContent, type LocatedInput, type TaskMeta, type Work } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import type { Locator } from '../data/locator.ts'

/** How long a placement waits for the locators, ms; what is not known by then is `assumed`. */
const LOCATE_BUDGET_MS = 200

export async function describeLocated(task: TesTask, identity: TaskMeta, locator: Locator): Promise<Work> {
  const inputs = (task.inputs ?? []).flatMap(input => (input.url === undefined || hasContent(input) ? [] : [{ ...input, url: input.url }]))
  const found = await locator.locate(
    inputs.map(({ url, type }) => ({ url, directory: type === 'DIRECTORY' })),
    LOCATE_BUDGET_MS,
  )
  const located = inputs.flatMap(({ url, path }, at): LocatedInput[] => {
    const where = found[at]
    return where ? [{ url, path, ...where }] : []
  })
  return describeTask(task, identity, located)
}
