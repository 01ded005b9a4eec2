/**
 * A small image made on the spot from programs of this machine: nothing is pulled from anywhere.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, realpath, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from './needs.ts'

const run = promisify(execFile)

/** A file that only the image has, by which a task can tell where it runs. */
export const MARK = '/etc/portolan-image'

/** What the tasks of the demo and of the scenarios call. */
const PROGRAMS =
  'sh cat cp cut date dd echo env expr find grep gzip head id ls mkdir mv awk sed seq sha256sum sleep sort tail tr true false uniq wc'.split(
    ' ',
  )

/** Copies the programs and the libraries they need into a folder that can be the root of a container. Throws if a program is missing. */
export async function makeRootfs(folder: string): Promise<void> {
  for (const path of ['usr/bin', 'tmp', 'etc', 'lib', 'lib64']) await mkdir(join(folder, path), { recursive: true })
  await symlink('usr/bin', join(folder, 'bin'))
  await writeFile(join(folder, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n')
  await writeFile(join(folder, MARK), 'made on the spot\n')
  const libraries = new Set<string>()
  for (const name of PROGRAMS) {
    const path = findProgram(name)
    if (path === undefined) throw new Error(`this machine has no ${name} to make an image from`)
    await copyFile(await realpath(path), join(folder, 'usr/bin', name))
    for (const library of await librariesOf(path)) libraries.add(library)
  }
  for (const library of libraries) {
    await mkdir(join(folder, dirname(library)), { recursive: true })
    await copyFile(library, join(folder, library))
  }
}

/** A script has none: `ldd` then fails. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]).catch(() => ({ stdout: '' }))
  return stdout.match(/\/\S+/g) ?? []
}
