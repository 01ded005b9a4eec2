/**
 * Where outputs lie below the folder that they are fetched into: their paths in the container, from the deepest folder that holds all outputs of
 * the task. Pure.
 */
import { posix } from 'node:path'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'

/** The most bytes of one name on common file systems, less what a name of ours adds. */
const LONGEST_NAME = 240
const CONTROL = /\p{Cc}/u
/** Where the journals of files that come and go lie, and what SQLite puts beside them: a file there could pass for one. */
const JOURNAL = /^\..*\.portolan(?:\.part|-journal|-wal|-shm)?$|^\.portolan-put-/iu

/** The segments of each path from the shared folder on, in the same order. Paths that name the same place get the same segments. */
export function nameFiles(paths: readonly string[]): readonly (readonly string[])[] {
  const all = paths.map(path => path.split('/').filter(segment => segment !== ''))
  const [first = []] = all
  const shortest = Math.min(...all.map(segments => segments.length))
  let shared = 0
  while (shared < shortest - 1 && all.every(segments => segments[shared] === first[shared])) shared += 1
  return all.map(segments => segments.slice(shared))
}

/** Throws a `Failure` for a name that could leave the folder or that a file cannot bear. */
export function requireSafe(segments: readonly string[]): void {
  for (const segment of segments) {
    const leads = segment === '.' || segment === '..'
    if (!leads && !CONTROL.test(segment) && !JOURNAL.test(segment) && Buffer.byteLength(segment) <= LONGEST_NAME) continue
    throw new Failure('Its name cannot be one of a file here', {
      exitCode: EXIT.failed,
      fix: 'Fetch it from its address by another program.',
    })
  }
  if (segments.length === 0)
    throw new Failure('It has no name', { exitCode: EXIT.failed, fix: 'Fetch it from its address by another program.' })
}

/** Whether one of the shell patterns means the path: without a slash the last name alone. Without patterns: true. */
export function isWanted(path: string, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return true
  const name = path.slice(path.lastIndexOf('/') + 1)
  return patterns.some(pattern => posix.matchesGlob(pattern.includes('/') ? path : name, pattern))
}
