/**
 * What a task has on disk beside its record: `root` mirrors the container's paths, `executors/N` holds the state of one executor.
 */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { named } from '../staging/staging-failed.ts'
import type { Mount } from './mounts.ts'
import { TaskRoot } from './task-root.ts'

export class TaskFolder {
  readonly root: TaskRoot
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    this.root = new TaskRoot(join(folder, 'root'))
  }

  executor(index: number): string {
    return join(this.#folder, 'executors', String(index))
  }

  /** Empty again: staging that a restart cut begins anew. */
  async clear(): Promise<void> {
    await this.remove()
    await mkdir(this.root.folder, { recursive: true })
  }

  /** Makes the directories and single files that the executors write to, open to whatever user an image runs as: the folder around them is closed. */
  async prepare(mounts: readonly Mount[]): Promise<void> {
    for (const mount of mounts.filter(({ writable }) => writable)) {
      const path = this.root.hostPath(mount.path)
      const isDirectory = mount.kind === 'directory'
      await named(`the ${mount.kind} ${mount.path}, which the task writes to`, async () => {
        await mkdir(isDirectory ? path : dirname(path), { recursive: true })
        if (!isDirectory) await writeFile(path, '', { flag: 'a' })
        await chmod(path, isDirectory ? 0o777 : 0o666)
      })
    }
  }

  /** Removes everything but the record. */
  async remove(): Promise<void> {
    for (const name of ['root', 'executors']) await rm(join(this.#folder, name), { recursive: true, force: true })
  }
}
