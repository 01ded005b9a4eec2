/**
 * A small image made on the spot from programs of this machine: nothing is pulled from anywhere.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, realpath, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What the tasks of the demo and of the scenarios call. */
export const PROGRAMS = [
  ...[
    'sh',
    'cat',
    'cp',
    'cut',
    'date',
    'dd',
    'echo',
    'env',
    'expr',
    'find',
    'grep',
    'gzip',
    'gunzip',
    'zcat',
    'head',
    'id',
    'ls',
    'md5sum',
  ],
  ...['mkdir', 'mv', 'paste', 'printf', 'pwd', 'rm', 'awk', 'sed', 'seq', 'sha256sum', 'sleep', 'sort', 'tail', 'tee', 'touch', 'tr'],
  ...['true', 'false', 'uniq', 'wc', 'xargs', 'basename', 'dirname', 'fold', 'join', 'nl', 'rev', 'tac', 'stat'],
] as const

/** Copies the programs and the libraries they need into a folder that can be the root of a container. Missing programs are left out. */
export async function makeRootfs(folder: string, programs: readonly string[] = PROGRAMS): Promise<void> {
  for (const path of ['usr/bin', 'tmp', 'etc', 'lib', 'lib64']) await mkdir(join(folder, path), { recursive: true })
  await symlink('usr/bin', join(folder, 'bin'))
  await writeFile(join(folder, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n')
  const libraries = new Set<string>()
  for (const name of programs) {
    const found = await run('sh', ['-c', 'command -v -- "$1"', 'sh', name]).catch(() => undefined)
    const path = found?.stdout.trim()
    if (!path?.startsWith('/')) continue
    await copyFile(await realpath(path), join(folder, 'usr/bin', basename(path)))
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

/**
 * Settings with which podman runs in a plain machine or container. Give the variable to every process that calls podman.
 */
export async function writeContainersConf(folder: string): Promise<{ CONTAINERS_CONF: string }> {
  const path = join(folder, 'containers.conf')
  await writeFile(
    path,
    '[containers]\ndefault_ulimits=["nofile=1024:1024","nproc=4096:4096"]\n\n[engine]\nruntime="runc"\ncgroup_manager="cgroupfs"\n',
  )
  return { CONTAINERS_CONF: path }
}

/** Imports a root folder as an image of podman or docker. */
export async function importImage(
  client: 'podman' | 'docker',
  rootfs: string,
  image: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const script = 'tar -C "$1" --owner=0 --group=0 -c . | "$2" import - "$3"'
  await run('sh', ['-c', script, 'sh', rootfs, client, image], { env: { ...process.env, ...env } })
}
