/**
 * Which parts of the task's folder an executor sees, and where. Pure.
 *
 * The folder `root` of a task mirrors the container's paths. Directories that the task writes to are mounted whole and writable, so that
 * executors share them; inputs that lie elsewhere are mounted one by one and read-only, so that nothing of the image is hidden.
 */
import { posix } from 'node:path'
import { hasWildcard, type TesTask } from '@portolan/tes'
import { fixedDirectory, isAtOrBelow, isKernelPath, isSystemDirectory, normalise, PathRefused } from './container-path.ts'

export interface Mount {
  /** The path in the container, and below `root` the path on this machine. */
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly writable: boolean
}

/** The mounts in the order of their paths, none inside another. Throws `PathRefused` for a path that no executor can have. */
export function planMounts(task: TesTask): Mount[] {
  const mounts = [...writableMounts(task), ...(task.inputs ?? []).map(inputMount)]
  for (const { path } of mounts) if (isKernelPath(path)) throw new PathRefused(`${path} belongs to the kernel: use another path`)
  const sorted = mounts.sort((a, b) => Number(a.path > b.path) - Number(a.path < b.path) || Number(b.writable) - Number(a.writable))
  const kept: Mount[] = []
  for (const mount of sorted) {
    const around = kept.find(other => isAtOrBelow(mount.path, other.path))
    if (!around) kept.push(mount)
    else if (mount.writable && !around.writable) kept.splice(kept.indexOf(around), 1, { ...around, writable: true })
  }
  return kept
}

/** Throws `PathRefused` where the task writes to a path that leads through one of its files. Every input says by now what it is. */
export function refusePathsBelowFiles(task: TesTask): void {
  const files = (task.inputs ?? []).filter(({ type }) => type !== 'DIRECTORY').map(({ path }) => normalise(path))
  for (const { path } of writableMounts(task)) {
    const file = files.find(other => path !== other && isAtOrBelow(path, other))
    if (file !== undefined) throw new PathRefused(`the task writes to ${path}, but the input ${file} is a file: use another path`)
  }
}

function writableMounts(task: TesTask): Mount[] {
  const directories = (task.volumes ?? []).map(normalise)
  const files: string[] = []
  for (const output of task.outputs ?? []) {
    if (hasWildcard(output.path)) directories.push(fixedDirectory(output.path))
    else if (output.type === 'DIRECTORY') directories.push(normalise(output.path))
    else files.push(normalise(output.path))
  }
  for (const { stdout, stderr } of task.executors) {
    for (const path of [stdout, stderr]) if (path !== undefined) files.push(normalise(path))
  }
  return [
    ...directories.map((path): Mount => {
      if (path === '/') throw new PathRefused('the root directory cannot be shared: name a directory below it')
      return { path, kind: 'directory', writable: true }
    }),
    ...files.map((path): Mount => {
      const directory = posix.dirname(path)
      return isSystemDirectory(directory) ? { path, kind: 'file', writable: true } : { path: directory, kind: 'directory', writable: true }
    }),
  ]
}

function inputMount(input: NonNullable<TesTask['inputs']>[number]): Mount {
  return { path: normalise(input.path), kind: input.type === 'DIRECTORY' ? 'directory' : 'file', writable: false }
}
