/**
 * The writer thread: the only place that writes to the database file. It takes requests, commits them in groups, and answers each after its
 * commit. What it has answered as done is durable; if it dies, what it has not answered is there whole or not at all.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { createKeyRing } from '../key-ring.ts'
import { prepareRunCommand } from './commands/run-command.ts'
import { prepareCommitGroup } from './group-commit.ts'
import { migrate } from './migrations/migrate.ts'
import { checkNeededKeys, KeysLacking } from './needed-keys.ts'
import { openForWriting } from './open-database.ts'
import type { FromWriter, Request, ToWriter, WriterStart } from './protocol.ts'

const start: WriterStart = workerData
if (!parentPort) throw new Error('the writer runs in a worker thread')
const port = parentPort
const say = (message: FromWriter): void => port.postMessage(message)

try {
  const db = openForWriting(start.path)
  await migrate(db)
  const keys = createKeyRing(start.keys)
  checkNeededKeys(db, keys)
  const { sparePages } = start.switches
  if (sparePages !== undefined) {
    const pages = Number(db.prepare('pragma page_count').get()?.page_count)
    db.exec(`pragma max_page_count = ${pages + sparePages}`)
  }
  const commitGroup = prepareCommitGroup(db, prepareRunCommand({ db, keys }), start.switches)
  const queue: Request[] = []
  let closing = false
  function receive(message: ToWriter): void {
    if (message.kind === 'close') closing = true
    else queue.push(...message.requests)
  }
  /** What has arrived since counts too: the messages of a port are read without waiting for a turn. */
  function take(): Request | undefined {
    for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port)) receive(more.message)
    return queue.shift()
  }
  port.on('message', (first: ToWriter) => {
    receive(first)
    for (let next = take(); next; next = take()) commitGroup(next, take, replies => say({ kind: 'replies', replies }))
    if (closing) {
      db.close()
      port.close()
    }
  })
  say({ kind: 'ready' })
} catch (error) {
  if (error instanceof KeysLacking) say({ kind: 'lacksKeys', keys: error.keys })
  else say({ kind: 'refusesToStart', detail: error instanceof Error ? error.message : String(error) })
}
