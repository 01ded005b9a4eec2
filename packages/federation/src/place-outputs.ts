/**
 * The default target of results: an output that is named without a place goes below the results of its project, in a folder of the task's own.
 * Pure. The URL holds the id of the task, so it is written into the task once and for all.
 */
import type { TesOutput, TesTask } from '@portolan/tes'
import type { WorkId } from './ids.ts'
import { parseUrl } from './url.ts'
import { urlBelow } from './url-below.ts'

export interface MovedOutput {
  readonly from: string
  readonly to: string
}

/** `field` is where the name stands in the task; `homeless`: the project says nowhere where its results go. */
export interface OutputNameProblem {
  readonly field: string
  readonly name: string
  readonly kind: 'homeless' | 'malformed'
}

export interface PlacedOutputs {
  /** The same object where every output has a place. */
  readonly task: TesTask
  readonly moved: readonly MovedOutput[]
  readonly problems: readonly OutputNameProblem[]
}

/** `results` is where the results of the project go, a URL that ends in `/`; absent: nowhere. */
export function placeOutputs(task: TesTask, results: string | undefined, id: WorkId): PlacedOutputs {
  if (!(task.outputs ?? []).some(({ url }) => isName(url))) return { task, moved: [], problems: [] }
  const moved: MovedOutput[] = []
  const problems: OutputNameProblem[] = []
  const outputs = (task.outputs ?? []).map((output, at): TesOutput => {
    const { url: name } = output
    if (!isName(name)) return output
    const to = results === undefined ? undefined : writeTarget(`${results}${id}/`, name)
    if (to === undefined) {
      problems.push({ field: `outputs[${at}].url`, name, kind: results === undefined ? 'homeless' : 'malformed' })
      return output
    }
    moved.push({ from: name, to })
    return { ...output, url: to }
  })
  return { task: { ...task, outputs }, moved, problems }
}

/** Without a scheme, and not from the root. */
function isName(url: string): boolean {
  return !url.startsWith('/') && !/^[a-z][a-z0-9+.-]+:./i.test(url)
}

/** A name with a slash too many, or that climbs, is no URL with one meaning. */
function writeTarget(folder: string, name: string): string | undefined {
  const url = urlBelow(folder, name)
  return url === undefined || name === '' || parseUrl(url) === undefined ? undefined : url
}
