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
}

type Found = { readonly kind: 'url'; readonly url: string } | { readonly kind: 'unmapped'; readonly file: string | undefined }

/**
 * The task with URLs in place of the paths that a map is about; the longest folder counts, and where it is mapped for other projects alone the path
 * means nothing: a shorter one would make another file of it. An input with content has no URL that counts, and is left alone.
 */
export function mapPaths(task: TesTask, locations: readonly Location[], project: ProjectId): MappedTask {
  const named = (task.inputs ?? []).some(input => isPath(input.url)) || (task.outputs ?? []).some(output => isPath(output.url))
  if (!named) return { task, unmapped: [] }
  const maps = mapsOf(locations)
  const left: { readonly field: string; readonly path: string; readonly file: string | undefined }[] = []
  const write = <T extends { readonly url?: string | undefined }>(file: T, field: string): T => {
    const { url } = file
    if (url === undefined || !isPath(url)) return file
    const found = findUrl(url, maps, project)
    if (found.kind === 'url') return { ...file, url: found.url }
    left.push({ field, path: url, file: found.file })
    return file
  }
  const inputs = task.inputs?.map((input, at) => (hasContent(input) ? input : write(input, `inputs[${at}].url`)))
  const outputs = task.outputs?.map((output, at) => write(output, `outputs[${at}].url`))
  return { task: { ...task, ...(inputs && { inputs }), ...(outputs && { outputs }) }, unmapped: nameFolders(left) }
}

function isPath(url: string | undefined): url is string {
  return url !== undefined && (url.startsWith('/') || /^file:/i.test(url))
}

function mapsOf(locations: readonly Location[]): readonly PathMap[] {
  return locations.flatMap(({ pathMaps }) => pathMaps ?? []).toSorted((a, b) => b.from.length - a.from.length || (a.from < b.from ? -1 : 1))
}

function findUrl(text: string, maps: readonly PathMap[], project: ProjectId): Found {
  const file = readPath(text)
  if (file === undefined) return { kind: 'unmapped', file }
  const map = maps.find(({ from }) => file.startsWith(from) || `${file}/` === from)
  if (map === undefined || map.projects?.includes(project) === false) return { kind: 'unmapped', file }
  const url = urlBelow(map.to, file.slice(map.from.length))
  return url === undefined ? { kind: 'unmapped', file: undefined } : { kind: 'url', url }
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
