/**
 * Refuses a task that names files by paths which mean nothing here: nobody could ever read them, and the person who can mend it is still there. Pure.
 */
import { type Location, mapPaths, type ProjectId, type Site, type UnmappedPath } from '@portolan/federation'
import type { Problem } from '@portolan/ga4gh'
import type { TesTask } from '@portolan/tes'
import { Refusal } from './refusal.ts'

export interface PathRules {
  readonly locations: readonly Location[]
  readonly sites: readonly Site[]
}

/** Throws `path-unmapped` with one problem for each folder. Where some site takes files by path, it is placement that knows who can reach them. */
export function requireMapped(task: TesTask, project: ProjectId, { locations, sites }: PathRules): void {
  if (sites.some(takesFiles)) return
  const { unmapped } = mapPaths(task, locations, project)
  if (unmapped.length === 0) return
  const folders = Map.groupBy(unmapped, ({ prefix }) => prefix)
  throw new Refusal('path-unmapped', undefined, { problems: [...folders.values()].flatMap(describeFolder) })
}

function takesFiles({ capabilities: { inputSchemes, outputSchemes } }: Site): boolean {
  return inputSchemes.includes('file') && outputSchemes.includes('file')
}

function describeFolder([first, ...others]: readonly UnmappedPath[]): readonly Problem[] {
  if (first === undefined) return []
  const { field, path, prefix } = first
  const shown = path.slice(0, 200)
  if (first.ambiguous) {
    return [{ path: field, message: `${shown} can be read in more than one way`, fix: 'Write the path without dot segments and escapes.' }]
  }
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  return [
    {
      path: field,
      message: `No folder of pathMaps says where files below ${prefix} are served (${shown}${more})`,
      fix: `Name the files by a URL, such as https or s3, or have the operator name ${prefix} in the pathMaps of the location that serves it.`,
    },
  ]
}
