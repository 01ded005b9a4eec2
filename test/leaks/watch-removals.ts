/**
 * Shows every folder for temporary things, and every file in one, to somebody before it is removed, whoever removes it.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { resolve, sep } from 'node:path'

/** From now on, in this process. */
export function watchRemovals(look: (path: string) => void): void {
  const { rm } = fs.promises
  const { rmSync } = fs
  const show = (path: fs.PathLike): void => {
    const absolute = resolve(String(path))
    if (absolute.startsWith(tmpdir() + sep)) look(absolute)
  }
  fs.promises.rm = async (path, options) => {
    show(path)
    return await rm(path, options)
  }
  fs.rmSync = (path, options) => {
    show(path)
    rmSync(path, options)
  }
  syncBuiltinESMExports()
}
