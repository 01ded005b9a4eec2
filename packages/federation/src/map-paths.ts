/**
 * Path maps: files that an engine names by path, as the URLs of the location that serves its shared work directory. Pure. What is stored of a task
 * stays as it was written; whoever needs to know what its paths mean applies the maps.
 */
import type { TesTask } from '@portolan/tes'
import { hasContent } from './describe-task.ts'
import type { ProjectId } from './ids.ts'
import type { Location, PathMap } from './location.ts'
import { parseUrl } from './url.ts'
import { urlBelow } from './url-below.ts'

/** A bare path or a `file:` URL that no map is about. */
export interface UnmappedPath {
  /** Where it stands in the task: `inputs[0].url`. */
  readonly field: string
  readonly path: string
  /** The folder that would have to be mapped: what the unmapped paths below the same first folder have in common. */
  readonly prefix: string
  /** True if it can be read in more than one way, so that no map could ever hold. */
  readonly ambiguous: boolean
}

export interface MappedTask {
  /** The same object where nothing changes. */
  readonly task: TesTask
  readonly unmapped: readonly UnmappedPath[]
  /**
   * The maps that paths of the task met: by these the same comes out again for its project. Of other projects they name none: a map that counts for
   * those alone has an empty list. Absent: the task names no path.
   */
  readonly met?: readonly PathMap[] | undefined
}

interface Found {
  /** Absent: it is unmapped. */
  readonly url?: string | undefined
  /** The path as a file system knows it; absent if it can be read in more than one way. */
  readonly file?: string | undefined
  readonly map?: PathMap | undefined
}

/**
 * The task with URLs in place of the paths that a map is about; the longest folder counts, and where it is mapped for other projects alone the path
 * means nothing: a shorter one would make another file of it. An input with content has no URL that counts, and is left alone. `mapped`: what has the
 * maps, such as the declared locations.
 */
export function mapPaths(task: TesTask, mapped: readonly Pick<Location, 'pathMaps'>[], project: ProjectId): MappedTask {
  const named =
    (task.inputs ?? []).some(input => isPath(input.url) && !hasContent(input)) || (task.outputs ?? []).some(({ url }) => isPath(url))
  if (!named) return { task, unmapped: [] }
  const maps = mapsOf(mapped)
  const met = new Set<PathMap>()
  const left: { readonly field: string; readonly path: string; readonly file: string | undefined }[] = []
  const write = <T extends { readonly url?: string | undefined }>(file: T, field: string): T => {
    const { url } = file
    if (url === undefined || !isPath(url)) return file
    const found = findUrl(url, maps, project)
    if (found.map !== undefined) met.add(found.map)
    if (found.url !== undefined) return { ...file, url: found.url }
    left.push({ field, path: url, file: found.file })
    return file
  }
  const inputs = task.inputs?.map((input, at) => (hasContent(input) ? input : write(input, `inputs[${at}].url`)))
  const outputs = task.outputs?.map((output, at) => write(output, `outputs[${at}].url`))
  return {
    task: { ...task, ...(inputs && { inputs }), ...(outputs && { outputs }) },
    unmapped: nameFolders(left),
    met: [...met].map(map => forProject(map, project)),
  }
}

function isPath(url: string | undefined): url is string {
  return url !== undefined && (url.startsWith('/') || /^file:/i.test(url))
}

function mapsOf(mapped: readonly Pick<Location, 'pathMaps'>[]): readonly PathMap[] {
  return mapped.flatMap(({ pathMaps }) => pathMaps ?? []).toSorted((a, b) => b.from.length - a.from.length || (a.from < b.from ? -1 : 1))
}

function findUrl(text: string, maps: readonly PathMap[], project: ProjectId): Found {
  const file = readPath(text)
  if (file === undefined) return {}
  const map = maps.find(({ from }) => file.startsWith(from) || `${file}/` === from)
  if (map === undefined || !counts(map, project)) return { file, map }
  return { url: urlBelow(map.to, file.slice(map.from.length)), map }
}

function counts({ projects }: PathMap, project: ProjectId): boolean {
  return projects?.includes(project) !== false
}

function forProject(map: PathMap, project: ProjectId): PathMap {
  const { from, to } = map
  return counts(map, project) ? { from, to } : { from, to, projects: [] }
}

/** The path in the file system that the text means, or undefined if it could be another one to somebody else. */
function readPath(text: string): string | undefined {
  const parsed = parseUrl(text)
  // In a path an escape is three characters to a file system, and one to whoever takes the path for a URL.
  if (parsed === undefined || parsed.query !== undefined || (parsed.bare && /%[0-9a-f]{2}/i.test(text))) return undefined
  try {
    return decodeURIComponent(parsed.path)
  } catch {
    return undefined
  }
}

function nameFolders(left: readonly { readonly field: string; readonly path: string; readonly file: string | undefined }[]) {
  const common = new Map<string, string>()
  for (const { file } of left) {
    if (file === undefined) continue
    const folder = file.slice(0, file.lastIndexOf('/') + 1)
    const top = topOf(file)
    common.set(top, commonFolder(common.get(top) ?? folder, folder))
  }
  return left.map(({ field, path, file }): UnmappedPath => {
    const prefix = file === undefined ? path : (common.get(topOf(file)) ?? path)
    return { field, path, prefix, ambiguous: file === undefined }
  })
}

/** `/mnt/` of `/mnt/shared/x`, and `/` of what lies in the root. */
function topOf(file: string): string {
  return file.slice(0, file.indexOf('/', 1) + 1) || '/'
}

function commonFolder(a: string, b: string): string {
  let end = 0
  for (let at = 0; at < Math.min(a.length, b.length) && a[at] === b[at]; at++) if (a[at] === '/') end = at + 1
  return a.slice(0, end)
}
