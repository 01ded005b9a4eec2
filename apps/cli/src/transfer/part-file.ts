/**
 * A file that comes in parts: its bytes beside where it will lie, and a journal of the parts that are safe on the disk. A command that is killed
 * leaves both, and the next one goes on with what is missing. The journal is an SQLite file that one command holds: the kernel gives it back
 * when the command ends, however it ends.
 */
import { constants, lstatSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Part } from './plan-parts.ts'

/** What must be the same for parts to belong together. */
export interface FileVersion {
  /** Undefined: the store names no version, and nothing is gone on with. */
  readonly etag: string | undefined
  readonly bytes: number
  readonly partBytes: number
}

export interface PartFile extends AsyncDisposable {
  readonly file: FileHandle
  /** Numbers of parts that need not come again. */
  readonly done: ReadonlySet<number>
  /** The part was written whole: from now on it stays. */
  keep(part: Part): Promise<void>
  /** Gives the file its name, in one step. */
  finish(): Promise<void>
  /** Throws away all that has come. */
  discard(): Promise<void>
}

const BUSY = 5
/** A link in the place of the file is not followed. */
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW

/** Throws a `Failure` if another command is fetching the same file. */
export async function openPartFile(path: string, version: FileVersion): Promise<PartFile> {
  const journalPath = join(dirname(path), `.${basename(path)}.portolan`)
  const dataPath = `${journalPath}.part`
  const journal = openJournal(journalPath)
  try {
    const same = readHead(journal) === headOf(version) && version.etag !== undefined
    const file = await open(dataPath, same ? FLAGS : FLAGS | constants.O_TRUNC, 0o666)
    if (!same) startAnew(journal, headOf(version))
    const done = new Set(
      journal
        .prepare('select number from parts')
        .all()
        .map(row => Number(row.number)),
    )
    const record = journal.prepare('insert or ignore into parts values (?)')
    let isOpen = true
    const close = async (): Promise<void> => {
      if (!isOpen) return
      isOpen = false
      await file.close()
      journal.close()
    }
    const forget = async (): Promise<void> => {
      await rm(dataPath, { force: true })
      await rm(journalPath, { force: true })
    }
    return {
      file,
      done,
      async keep({ number }) {
        await file.datasync()
        record.run(number)
      },
      async finish() {
        await file.truncate(version.bytes)
        await file.sync()
        await rename(dataPath, path)
        await forget()
        await close()
      },
      async discard() {
        await forget()
        await close()
      },
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    journal.close()
    throw error
  }
}

function openJournal(path: string): DatabaseSync {
  // SQLite would follow a link.
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) {
    throw new Failure(`${path} is no file`, { exitCode: EXIT.failed, fix: 'Remove it, then try again.' })
  }
  const journal = new DatabaseSync(path)
  try {
    // Held from the first change to the end of the connection.
    journal.exec('pragma locking_mode = exclusive; pragma synchronous = full; begin exclusive')
    journal.exec('create table if not exists head (text text not null); create table if not exists parts (number integer primary key)')
    journal.exec('commit')
    return journal
  } catch (cause) {
    journal.close()
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === BUSY) {
      throw new Failure('Another portolan command is fetching it into this folder', {
        exitCode: EXIT.failed,
        fix: 'Wait for it, or name another folder with --to.',
        cause,
      })
    }
    throw new Failure('What is left of an earlier try cannot be read', {
      exitCode: EXIT.failed,
      fix: `Remove ${path}, then try again.`,
      cause,
    })
  }
}

function readHead(journal: DatabaseSync): string | undefined {
  const text = journal.prepare('select text from head').get()?.text
  return typeof text === 'string' ? text : undefined
}

function startAnew(journal: DatabaseSync, head: string): void {
  journal.exec('begin; delete from head; delete from parts')
  journal.prepare('insert into head values (?)').run(head)
  journal.exec('commit')
}

function headOf({ etag, bytes, partBytes }: FileVersion): string {
  return JSON.stringify([etag ?? '', bytes, partBytes])
}
