/**
 * The folder of a task that mirrors the container's paths, and the one way to find a file in it.
 *
 * A task can leave links behind. They are followed as the container would follow them: an absolute target starts at the root of the
 * task, and `..` never climbs out of it. So no path that a task names or makes reaches another file of this machine.
 */
import { constants } from 'node:fs'
import { copyFile, lstat, mkdir, readlink, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { normalise, PathRefused } from './container-path.ts'

const MAX_LINKS = 40

export class TaskRoot {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** Where a container path lies on this machine, links in it not looked at. */
  hostPath(path: string): string {
    return join(this.folder, normalise(path))
  }

  /** Where the file that a container path means lies, links followed inside the root; undefined if nothing is there. */
  resolve(path: string): Promise<string | undefined> {
    return this.walk(path, () => Promise.resolve(false))
  }

  /** Walks the path segment by segment. `make` may make a segment that is missing; if it does not, there is nothing. */
  private async walk(path: string, make: (hostPath: string) => Promise<boolean>): Promise<string | undefined> {
    let left = normalise(path).split('/').filter(Boolean)
    let done: string[] = []
    for (let links = 0; left.length > 0; ) {
      const [segment = '', ...rest] = left
      left = rest
      if (segment === '.') continue
      if (segment === '..') {
        done = done.slice(0, -1)
        continue
      }
      const here = join(this.folder, ...done, segment)
      const found = await lstat(here).catch(() => undefined)
      if (!found && !(await make(here))) return undefined
      if (!found?.isSymbolicLink()) {
        done = [...done, segment]
        continue
      }
      if (++links > MAX_LINKS) return undefined
      const target = this.asContainerPath(await readlink(here))
      if (target.startsWith('/')) done = []
      left = [...target.split('/').filter(Boolean), ...left]
    }
    return join(this.folder, ...done)
  }

  /** A plain process makes links to where its files lie on this machine: such a target means the container's path. */
  private asContainerPath(target: string): string {
    return target.startsWith(`${this.folder}/`) ? target.slice(this.folder.length) : target
  }

  /** Puts a copy of a file at a container path. A link that stands in the way is replaced, never written through. */
  async place(source: string, path: string): Promise<void> {
    const flat = normalise(path)
    const parent = await this.walk(dirname(flat), async missing => {
      await mkdir(missing)
      return true
    })
    if (parent === undefined) throw new PathRefused(`${path} lies behind links that lead nowhere`)
    const target = join(parent, basename(flat))
    // A file that is mounted by itself keeps its inode, so its bytes are replaced and not the file.
    const there = await lstat(target).catch(() => undefined)
    if (there && !there.isFile()) await rm(target, { recursive: true, force: true })
    await copyFile(source, target, constants.COPYFILE_FICLONE)
  }
}
