/**
 * Group commit: what is queued, or arrives meanwhile, becomes one transaction, of at most 500 commands or 2 ms of work, whichever comes first.
 * Where a commit itself takes longer the group may work as long as the last commit did: fewer and larger groups then answer everybody sooner.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { StoreTestSwitches } from '../test-switches.ts'
import type { RunCommand } from './commands/run-command.ts'
import type { Reply, Request } from './protocol.ts'
import { isStorageError } from './sqlite-error.ts'

const GROUP_COMMANDS = 500
const GROUP_MS = 2
const GROUP_AT_MOST_MS = 10

/** Takes more requests until there is none or the group is full, makes them durable, and then tells the replies. */
export type CommitGroup = (first: Request, takeMore: () => Request | undefined, tell: (replies: readonly Reply[]) => void) => void

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

  let lastCommitMs = 0

  function makeDurable(): void {
    const startedAt = performance.now()
    if (switches.commitDelayMs) delay(switches.commitDelayMs)
    commit.run()
    lastCommitMs = performance.now() - startedAt
  }

  return (first, takeMore, tell) => {
    const group: Request[] = []
    const replies: Reply[] = []
    const mayWorkMs = Math.max(GROUP_MS, Math.min(lastCommitMs, GROUP_AT_MOST_MS))
    const startedAt = performance.now()
    try {
      begin.run()
      for (let next: Request | undefined = first; next; next = takeMore()) {
        group.push(next)
        replies.push(runOne(next))
        if (group.length === GROUP_COMMANDS || performance.now() - startedAt > mayWorkMs) break
      }
      if (switches.answerBeforeCommit) tell(replies)
      makeDurable()
      if (group.some(({ command }) => command.kind === switches.killedAfter)) process.kill(process.pid, 'SIGKILL')
      if (!switches.answerBeforeCommit) tell(replies)
    } catch (error) {
      if (db.isTransaction) rollback.run()
      // Where not even a transaction can begin, none that waits has to find out by itself.
      const refused = group.length > 0 ? group : [first, ...takeAll(takeMore)]
      const detail = error instanceof Error ? error.message : String(error)
      tell(refused.map(({ id }) => ({ id, outcome: 'unavailable', detail })))
    }
  }
}

function* takeAll(takeMore: () => Request | undefined): Generator<Request> {
  for (let next = takeMore(); next; next = takeMore()) yield next
}

/** Stops the whole thread, as a slow disk would. */
function delay(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
