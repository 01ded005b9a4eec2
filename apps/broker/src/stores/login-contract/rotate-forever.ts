/**
 * A process for crash tests: eight clients exchange their refresh tokens in the store of the folder that it is given, and print `CLIENT NUMBER`
 * for each token that they were answered.
 */
import { join } from 'node:path'
import { openKeyRing } from '../key-ring.ts'
import { openSqliteStore } from '../sqlite-store.ts'
import { rotate, startFamily } from './builders.ts'

const [dir] = process.argv.slice(2)
if (dir === undefined) throw new Error('usage: rotate-forever.ts FOLDER')
const { login } = await openSqliteStore({ path: join(dir, 'portolan.db'), keys: await openKeyRing(join(dir, 'keys')) })
const print = (line: string) => new Promise<void>(resolve => process.stdout.write(`${line}\n`, () => resolve()))
const clients = Array.from({ length: 8 }, async (_, client) => {
  await startFamily(login, `c${client}`)
  for (let number = 1; ; number += 1) {
    await print(`c${client} ${number}`)
    await rotate(login, `c${client} ${number}`, `c${client} ${number + 1}`)
  }
})
await Promise.all(clients)
