/**
 * The store in one SQLite file: a writer thread commits, and a connection that cannot write answers every read on the caller's thread.
 * Commits wait for the disk in their own thread, so no read ever waits for one. Crash: what was acknowledged is on the disk (WAL, full
 * synchronisation). Several processes may open one file; the writers take turns.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventReads } from './event-reads.ts'
import type { KeyRing } from './key-ring.ts'
import type { LoginCommand, LoginResults, LoginStore } from './login-store.ts'
import { openForReading } from './sqlite/open-database.ts'
import { prepareGetParts } from './sqlite/reads/get-parts.ts'
import { prepareGetWork } from './sqlite/reads/get-work.ts'
import { prepareListDue } from './sqlite/reads/list-due.ts'
import { prepareListEvents } from './sqlite/reads/list-events.ts'
import { prepareListWork } from './sqlite/reads/list-work.ts'
import { prepareReadCredentials } from './sqlite/reads/login/credentials.ts'
import { prepareReadLive } from './sqlite/reads/login/live.ts'
import { prepareReadPersons } from './sqlite/reads/login/persons.ts'
import { prepareReadSessions } from './sqlite/reads/login/sessions.ts'
import { prepareReadUploads } from './sqlite/reads/uploads.ts'
import { prepareVerifyEvents } from './sqlite/reads/verify-events.ts'
import { openWriter } from './sqlite/writer-client.ts'
import type { Command, CommandResults, Store, WorkDocument } from './store.ts'
import type { StoreTestSwitches } from './test-switches.ts'
import type { UploadCommand, UploadResults, UploadStore } from './upload-store.ts'

const WRITE_TIMEOUT_MS = 10_000
/** So many documents are decoded before other work gets its turn. */
const DOCUMENTS_A_TURN = 32

export interface SqliteStoreOptions {
  readonly path: string
  readonly keys: KeyRing
  /** A command that is not durable by then is refused as unavailable. */
  readonly writeTimeoutMs?: number | undefined
}

/** The store, the stores of logins and of uploads in the same file (one writer and its commits serve all), and what reads the events. */
export interface SqliteStore extends Store, EventReads {
  readonly login: LoginStore
  readonly uploads: UploadStore
}

/** Opens the store, making the file and bringing its tables up to date. Rejects if a key that it needs is missing. */
export async function openSqliteStore(options: SqliteStoreOptions, switches: StoreTestSwitches = {}): Promise<SqliteStore> {
  const { path, keys, writeTimeoutMs = WRITE_TIMEOUT_MS } = options
  const writer = await openWriter({ path, keys: keys.keys, switches }, writeTimeoutMs)
  const db = openForReading(path)
  const context = { db, keys }
  const work = prepareGetWork(context)
  return {
    ...work,
    ...prepareGetParts(context),
    ...prepareListDue(context),
    ...prepareListEvents(context),
    ...prepareListWork(context),
    ...prepareVerifyEvents(context),
    login: {
      ...prepareReadPersons(context),
      ...prepareReadCredentials(context),
      ...prepareReadSessions(context),
      ...prepareReadLive(context),
      execute<C extends LoginCommand>(command: C) {
        return writer.send(command) as Promise<LoginResults[C['kind']]>
      },
    },
    uploads: {
      ...prepareReadUploads(context),
      execute<C extends UploadCommand>(command: C) {
        return writer.send(command) as Promise<UploadResults[C['kind']]>
      },
    },
    execute<C extends Command>(command: C) {
      // The writer answers a command with the result of its kind.
      return writer.send(command) as Promise<CommandResults[C['kind']]>
    },
    async getDocuments(principal, ids) {
      const documents: WorkDocument[] = []
      for (const [index, id] of ids.entries()) {
        if (index > 0 && index % DOCUMENTS_A_TURN === 0) await nextTurn()
        const document = work.getDocument(principal, id)
        if (document) documents.push(document)
      }
      return documents
    },
    queued: () => writer.queued(),
    sinceRefusal: () => writer.sinceRefusal(),
    async checkWritable() {
      await writer.send({ kind: 'probe' })
    },
    async [Symbol.asyncDispose]() {
      await writer.close()
      db.close()
    },
  }
}
