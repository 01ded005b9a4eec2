/**
 * Tells of prefixes that take the outputs of several projects and are no project's own: what the tasks of one write there, a task of another that
 * declares a directory around it while they run has among its outputs. Pure.
 */
import { matchPrefix } from '@portolan/federation'
import type { ConfigWarning } from './problem.ts'
import type { Source } from './source.ts'
import type { ConfiguredProject } from './types.ts'
import { entriesAt, textAt, valueAt } from './value-at.ts'

/** Projects that are named. */
const MOST_NAMED = 5

/** `projects`: those that are declared. */
export function warnOfSharedTargets(locations: readonly Source[], projects: readonly ConfiguredProject[]): readonly ConfigWarning[] {
  const writers = projects.filter(({ project }) => project.frozen !== true).map(({ project }) => project.id)
  if (writers.length < 2) return []
  const owned = projects.flatMap(({ project }) => project.owns ?? [])
  const named = writers.length > MOST_NAMED ? `${writers.length} projects` : `the projects ${writers.join(', ')}`
  return locations.flatMap(source =>
    entriesAt(source.raw, ['prefixes']).flatMap(([prefix, path]) => {
      const url = textAt(prefix, ['url'])
      if (url === undefined || valueAt(prefix, ['outputs']) !== true || matchPrefix(url, owned) !== undefined) return []
      const message = `lets tasks of ${named} write to ${url}, which is no project's own: a task may get what one of another project writes there meanwhile; set outputs: true for the results of each project alone`
      return [source.warning([...path, 'outputs'], message)]
    }),
  )
}
