/**
 * Finds files of a document that cannot lie side by side in a container. A directory that goes as links is a list of files, and what is a key beside
 * others at a store (`x` and `x/y`) would be a file and a folder of one name. Pure.
 */
import type { StagedInput } from '@portolan/federation'
import type { TesInput } from '@portolan/tes'

/** One sentence on the first that is found; undefined where all files of linked directories have a place of their own. */
export function findClash(inputs: readonly TesInput[], staged: readonly StagedInput[]): string | undefined {
  const linked = new Set(staged.flatMap(({ path, files }) => files.flatMap(file => (file.path === path ? [] : [file.path]))))
  if (linked.size === 0) return undefined
  const files = new Set(inputs.flatMap(({ path, type }) => (type === 'DIRECTORY' ? [] : [path])))
  const seen = new Set<string>()
  for (const { path } of inputs) {
    if (seen.has(path) && linked.has(path))
      return `Two inputs would lie at ${path}: one of them comes with a directory that the site gets as links`
    seen.add(path)
    for (const folder of foldersOf(path)) {
      if (files.has(folder) && (linked.has(folder) || linked.has(path)))
        return `The input ${folder} would be a file, and the folder of ${path}: one of them comes with a directory that the site gets as links`
    }
  }
  return undefined
}

/** `/in/a` and `/in` of `/in/a/b`. */
function foldersOf(path: string): readonly string[] {
  const folders: string[] = []
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) folders.push(path.slice(0, end))
  return folders
}
