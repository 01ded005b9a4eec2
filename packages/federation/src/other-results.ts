/**
 * Results go into folders that are named by their tasks. Who declares a wider directory as output has what lies in the folders of other tasks below
 * it, and yet it is not of this task. Pure.
 */
import { WORK_ID } from './ids.ts'
import type { OutputExpectation } from './task-outputs.ts'
import { type ParsedUrl, parseUrl } from './url.ts'

/** True for the URL of a file in the folder of another task, unless `declared` names that very folder or what lies in it. */
export function isOfOtherTask(results: OutputExpectation['results'], declared: string): (url: string) => boolean {
  const roots = (results?.below ?? []).flatMap(below => parseUrl(below) ?? [])
  const wanted = parseUrl(declared)
  if (results === undefined || roots.length === 0 || wanted === undefined) return () => false
  const named = roots.flatMap(root => folderBelow(root, wanted) ?? [])
  return url => {
    const parsed = parseUrl(url)
    if (parsed === undefined) return false
    return roots.some(root => {
      const folder = folderBelow(root, parsed)
      return folder !== undefined && folder !== results.own && WORK_ID.test(folder) && !named.includes(folder)
    })
  }
}

/** The name of the folder right below the root in which the URL lies, or which it names. */
function folderBelow(root: ParsedUrl, { scheme, host, port, path }: ParsedUrl): string | undefined {
  const isThere = isSameScheme(root.scheme, scheme) && root.host === host && root.port === port
  if (!isThere || !root.path.endsWith('/') || !path.startsWith(root.path)) return undefined
  return path.slice(root.path.length).split('/', 1)[0]
}

/** By http and https a host mostly serves the same bytes. */
function isSameScheme(a: string, b: string): boolean {
  return a === b || (a.startsWith('http') && b.startsWith('http'))
}
