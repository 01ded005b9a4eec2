/**
 * Making a folder and those above it.
 *
 * `mkdir` of Node with `recursive` never ends below a folder that exists and takes nobody in, such as /proc; so each is made by itself.
 */
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, StartRefused } from './start-refused.ts'

/** Makes the folder if it is not there. `key` is the setting to name in the `StartRefused` that it throws otherwise. */
export async function makeFolder(path: string, key: string, mode = 0o777): Promise<void> {
  try {
    await makeWithParents(path, mode)
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new StartRefused(`${key}: the folder ${path} cannot be made (${detail}); name one that this user may write to`, { cause })
  }
}

async function makeWithParents(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, mode)
  } catch (error) {
    if (await isFolder(path)) return
    const above = dirname(path)
    if (codeOf(error) !== 'ENOENT' || above === path || (await isFolder(above))) throw error
    await makeWithParents(above, mode)
    await makeWithParents(path, mode)
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() ?? false
}
