/**
 * The data folder of a site. Nothing outside of it can be read or written through it, whatever a path says and wherever a link leads.
 */
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { lstat, mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isAtOrBelow } from '../tasks/container-path.ts'
import type { DirectoryIndex } from './directory-index.ts'

/** Each call rejects with `DataFolderGone` where the folder itself is not there. */
export interface DataFolder {
  readonly root: string
  /** The true path of what a request path names; undefined if it is not there, is hidden, or lies outside. */
  find(path: string): Promise<string | undefined>
  index(path: string): Promise<DirectoryIndex>
  /**
   * Stores a whole file; a reader sees the old one or the new one. 201: it is new, 204: it took the place of another, 404: the path names
   * no file, 409: a directory has the name, or a file has the name of a directory above.
   */
  put(path: string, body: Readable, signal: AbortSignal): Promise<{ status: 201 | 204 | 404 | 409; bytes: number }>
}

/** The folder itself is not there, or no folder any more. */
export class DataFolderGone extends Error {
  override readonly name = 'DataFolderGone'

  constructor(cause?: unknown) {
    super('the data folder of this site is not there: its operator must bring back what --data names', { cause })
  }
}

/** A file that is being received; never shown. */
const UNFINISHED = '.portolan-put-'

export function openDataFolder(folder: string): DataFolder {
  async function find(path: string): Promise<string | undefined> {
    const segments = segmentsOf(path)
    if (!segments) return undefined
    const root = await findRoot(folder)
    const real = await realpath(join(root, ...segments)).catch(() => undefined)
    return real !== undefined && isAtOrBelow(real, root) ? real : undefined
  }

  return {
    root: folder,
    find,

    async index(path) {
      const entries: DirectoryIndex['entries'] = []
      const directory = await find(path)
      for (const name of directory === undefined ? [] : (await readdir(directory)).sort()) {
        const real = name.startsWith(UNFINISHED) ? undefined : await find(`${path.replace(/\/+$/, '')}/${name}`)
        const found = real === undefined ? undefined : await stat(real)
        if (found?.isDirectory()) entries.push({ name, type: 'DIRECTORY' })
        else if (found?.isFile()) entries.push({ name, type: 'FILE', size: found.size })
      }
      return { entries }
    },

    async put(path, body, signal) {
      const segments = segmentsOf(path)
      const name = segments?.at(-1)
      if (!segments || name === undefined || path.endsWith('/')) return { status: 404, bytes: 0 }
      const directory = await makeDirectory(folder, segments.slice(0, -1))
      if (directory === undefined) return { status: 409, bytes: 0 }
      const target = join(directory, name)
      const there = await lstat(target).catch(() => undefined)
      if (there?.isDirectory()) return { status: 409, bytes: 0 }
      const unfinished = join(directory, `${UNFINISHED}${randomUUID()}`)
      const file = createWriteStream(unfinished, { flags: 'wx' })
      try {
        await pipeline(body, file, { signal })
        // The name itself is replaced: a link that stood there is gone, not written through.
        await rename(unfinished, target)
      } catch (error) {
        await rm(unfinished, { force: true })
        throw error
      }
      return { status: there ? 204 : 201, bytes: file.bytesWritten }
    },
  }
}

async function findRoot(folder: string): Promise<string> {
  try {
    const root = await realpath(folder)
    if ((await stat(root)).isDirectory()) return root
  } catch (cause) {
    throw new DataFolderGone(cause)
  }
  throw new DataFolderGone()
}

/** The segments of a path that names something inside; undefined for a path with tricks. */
function segmentsOf(path: string): string[] | undefined {
  const segments = path.split('/').filter(segment => segment !== '')
  const isTrick = (segment: string) => segment === '.' || segment === '..' || segment.includes('\0') || segment.startsWith(UNFINISHED)
  return segments.some(isTrick) ? undefined : segments
}

/** Makes the directories one by one, so that no link leads out. Undefined where a file or an outer link stands in the way. */
async function makeDirectory(folder: string, segments: readonly string[]): Promise<string | undefined> {
  const root = await findRoot(folder)
  let here = root
  for (const segment of segments) {
    const next = join(here, segment)
    await mkdir(next).catch(() => undefined)
    const real = await realpath(next).catch(() => undefined)
    if (real === undefined || !isAtOrBelow(real, root) || !(await stat(real)).isDirectory()) return undefined
    here = real
  }
  return here
}
