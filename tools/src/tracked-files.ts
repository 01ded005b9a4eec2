/**
 * The files of the project as git knows them: tracked ones, and new ones that are not ignored.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Paths from the root, with slashes, sorted; without those that were deleted and not yet committed. */
export function listFiles(root: string): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  const files = listed.split('\0').filter(file => file !== '' && existsSync(join(root, file)))
  return [...new Set(files)].sort((a, b) => (a < b ? -1 : 1))
}
