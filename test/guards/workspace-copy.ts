/**
 * A copy of the repository in a folder of its own, in which a guard can be turned off: every process and thread that a test starts from it runs the
 * changed code. Packages from outside are shared with the original.
 */
import { rmSync } from 'node:fs'
import { cp, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { listFiles } from '../../tools/src/tracked-files.ts'

export interface WorkspaceCopy extends AsyncDisposable {
  readonly root: string
  read(file: string): Promise<string>
  write(file: string, source: string): Promise<void>
}

export async function copyWorkspace(original: string): Promise<WorkspaceCopy> {
  const root = await mkdtemp(join(tmpdir(), 'portolan-guards-'))
  const remove = (): void => rmSync(root, { recursive: true, force: true })
  process.once('exit', remove)
  const files = listFiles(original)
  for (const folder of new Set(files.map(file => dirname(file)))) await mkdir(join(root, folder), { recursive: true })
  await Promise.all(files.map(file => cp(join(original, file), join(root, file))))
  const owners = ['.', ...new Set(files.filter(file => file.endsWith('/package.json')).map(file => dirname(file)))]
  for (const owner of owners) await linkPackages(join(original, owner, 'node_modules'), join(root, owner, 'node_modules'))
  return {
    root,
    read: file => readFile(join(root, file), 'utf8'),
    write: (file, source) => writeFile(join(root, file), source),
    async [Symbol.asyncDispose]() {
      process.off('exit', remove)
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** Links within the workspace lead to the copy, since they are relative; what is no link is shared. */
async function linkPackages(from: string, to: string): Promise<void> {
  const entries = await readdir(from).catch(() => [])
  if (entries.length > 0) await mkdir(to, { recursive: true })
  for (const entry of entries) {
    const [source, target] = [join(from, entry), join(to, entry)]
    if ((await lstat(source)).isSymbolicLink()) await symlink(await readlink(source), target)
    else if (entry.startsWith('@')) await linkPackages(source, target)
    else if (entry !== '.vite') await symlink(source, target)
  }
}
