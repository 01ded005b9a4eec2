/**
 * Group commit: what is queued becomes one transaction, of at most 500 commands or 2 ms of work, whichever comes first.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { StoreTestSwitches } from '../test-switches.ts'
import type { RunCommand } from './commands/commands.ts'
import type { Reply, Request } from './protocol.ts'
import { isStorageError } from './sqlite-error.ts'

const GROUP_COMMANDS = 500
const GROUP_MS = 2

/** Takes the next group off the front of the queue, makes it durable, and then tells its replies. */
export type CommitGroup = (queue: Request[], tell: (replies: readonly Reply[]) => void) => void

export function prepareCommitGroup(db: DatabaseSync, run: RunCommand, switches: StoreTestSwitches): CommitGroup {
  const begin = db.prepare('begin immediate')
  const commit = db.prepare('commit')
  const rollback = db.prepare('rollback')
  const probe = db.prepare('insert into probes (id, at) values (1, ?) on conflict do update set at = excluded.at')

  function runOne({ id, command, deadline }: Request): Reply {
    if (Date.now() > deadline) return { id, outcome: 'unavailable', detail: 'the store was too slow: the command was not begun in time' }
    if (command.kind === 'create' && command.work.id === switches.diesAt) process.exit(1)
    try {
      if (command.kind !== 'probe') return { id, outcome: 'done', result: run(command) }
      probe.run(Date.now())
      return { id, outcome: 'done', result: undefined }
    } catch (error) {
      if (isStorageError(error)) throw error
      return { id, outcome: 'failed', detail: error instanceof Error ? error.message : String(error) }
    }
  }

  return (queue, tell) => {
    const group: Request[] = []
    const replies: Reply[] = []
    const startedAt = performance.now()
    try {
      begin.run()
      do {
        const request = queue.shift()
        if (!request) break
        group.push(request)
        replies.push(runOne(request))
      } while (group.length < GROUP_COMMANDS && performance.now() - startedAt < GROUP_MS)
      if (switches.answerBeforeCommit) tell(replies)
      if (switches.commitDelayMs) delay(switches.commitDelayMs)
      commit.run()
      if (!switches.answerBeforeCommit) tell(replies)
    } catch (error) {
      if (db.isTransaction) rollback.run()
      const refused = group.length > 0 ? group : queue.splice(0, GROUP_COMMANDS)
      const detail = error instanceof Error ? error.message : String(error)
      tell(refused.map(({ id }) => ({ id, outcome: 'unavailable', detail })))
    }
  }
}

/** Stops the whole thread, as a slow disk would. */
function delay(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
