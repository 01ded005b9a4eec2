/**
 * Which upload of a file is under way, noted beside the file: it counts while the file has the size and the time of change that it had. Which parts have
 * come is not noted, for the store knows. Where nothing can be written beside the file nothing is noted, and what is cut off begins anew.
 */
import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod/mini'

/** What must be the same for the upload to go on. */
export interface FileState {
  readonly bytes: number
  /** ns since 1970, in decimal. */
  readonly modified: string
}

export interface UploadJournal {
  /** The id of the upload that is under way. */
  read(state: FileState): Promise<string | undefined>
  write(state: FileState, upload: string): Promise<void>
  remove(): Promise<void>
}

const Entry = z.object({ upload: z.string(), bytes: z.int(), modified: z.string() })
const MOST_BYTES = 4096
const NAME_DIGITS = 24

/** `target`: what the file is sent to. One file may be on its way to several. */
export function openUploadJournal(file: string, target: readonly (string | boolean)[]): UploadJournal {
  const name = createHash('sha256')
    .update(JSON.stringify([basename(file), ...target]))
    .digest('hex')
  const path = join(dirname(file), `.portolan-put-${name.slice(0, NAME_DIGITS)}`)
  return {
    async read({ bytes, modified }) {
      const entry = await readEntry(path)
      return entry?.bytes === bytes && entry.modified === modified ? entry.upload : undefined
    },
    async write(state, upload) {
      const fresh = `${path}.${randomUUID()}`
      try {
        await writeFile(fresh, JSON.stringify({ upload, ...state }), { flag: 'wx', mode: 0o600, flush: true })
        await rename(fresh, path)
      } catch (error) {
        await rm(fresh, { force: true }).catch(() => undefined)
        if (!isRefused(error)) throw error
      }
    },
    async remove() {
      await rm(path, { force: true }).catch(error => {
        if (!isRefused(error)) throw error
      })
    },
  }
}

/** Undefined for what is no entry. A link in its place is not followed. */
async function readEntry(path: string): Promise<z.infer<typeof Entry> | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0)
    return Entry.safeParse(JSON.parse(buffer.toString('utf8', 0, bytesRead))).data
  } catch {
    return undefined
  }
}

const REFUSED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'])

function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && REFUSED.has(String(error.code))
}
