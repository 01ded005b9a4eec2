/**
 * Making a folder and those above it, for their owner alone.
 *
 * `mkdir` of Node with `recursive` never ends below a folder that exists and takes nobody in, such as /proc; so each is made by itself.
 */
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Does nothing if it is there. Throws the error of the system. */
export async function makeFolder(path: string): Promise<void> {
  for (const missing of await findMissing(path)) await mkdir(missing, { mode: 0o700 }).catch(error => keepIfFolder(missing, error))
}

/** The folders to make, the uppermost first. */
async function findMissing(path: string): Promise<string[]> {
  const above = dirname(path)
  if (above === path || (await isFolder(path))) return []
  return [...(await findMissing(above)), path]
}

async function keepIfFolder(path: string, error: unknown): Promise<void> {
  if (!(await isFolder(path))) throw error
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() ?? false
}
