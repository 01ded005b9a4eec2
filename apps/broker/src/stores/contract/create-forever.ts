/**
 * A process for crash tests: creates work items with 16 clients in the store of the folder that it is given, and prints each acknowledged id.
 */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { openKeyRing } from '../key-ring.ts'
import { openSqliteStore } from '../sqlite-store.ts'
import { create, workId } from './builders.ts'

const [dir] = process.argv.slice(2)
if (dir === undefined) throw new Error('usage: create-forever.ts FOLDER')
const store = await openSqliteStore({ path: join(dir, 'portolan.db'), keys: await openKeyRing(join(dir, 'keys')) })
let next = 0
const clients = Array.from({ length: 16 }, async () => {
  for (;;) {
    const id = workId(next++)
    await create(store, id, { documentText: JSON.stringify({ id }) })
    writeSync(1, `${id}\n`)
  }
})
await Promise.all(clients)
