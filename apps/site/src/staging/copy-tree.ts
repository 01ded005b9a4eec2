/**
 * Copies files and directories of this machine. Never a hard link: a task may write to its inputs.
 */
import { constants } from 'node:fs'
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Copies a directory's files. Links inside of it are left out: they may lead anywhere. Gives the bytes copied. */
export async function copyTree(source: string, target: string): Promise<number> {
  await mkdir(target, { recursive: true })
  let bytes = 0
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const from = join(source, entry.name)
    const to = join(target, entry.name)
    if (entry.isDirectory()) bytes += await copyTree(from, to)
    else if (entry.isFile()) bytes += await copyOne(from, to)
  }
  return bytes
}

/** Copies one file, sharing its blocks where the file system can. Gives its bytes. */
export async function copyOne(source: string, target: string): Promise<number> {
  await copyFile(source, target, constants.COPYFILE_FICLONE)
  return (await stat(target)).size
}
