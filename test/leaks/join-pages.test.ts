/**
 * A secret astride the border of two pages of a database is found, in the database and in the log of its writes.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { joinPages } from './join-pages.ts'
import { keepFolder } from './keep-folder.ts'
import { needlesOf } from './needles.ts'
import { watchRemains } from './remains.ts'
import { makeMarker } from './secrets.ts'

const PAGE_BYTES = 512

/** With a table `rows` that has a column `text`. */
async function open(table: string): Promise<{ readonly folder: string; readonly database: DatabaseSync }> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-pages-'))
  const database = new DatabaseSync(join(folder, 'portolan.db'))
  onTestFinished(async () => {
    database.close()
    await rm(folder, { recursive: true })
  })
  database.exec(`pragma page_size = ${PAGE_BYTES}; pragma journal_mode = wal; pragma wal_autocheckpoint = 0; ${table}`)
  return { folder, database }
}

const insert = (database: DatabaseSync, text: string | Uint8Array): unknown =>
  database.prepare('insert into rows (text) values (?)').run(text)

const TABLES = [
  ['a table', 'create table rows (text text)'],
  ['an index', 'create table rows (text text primary key) without rowid'],
] as const

describe.each(TABLES)('rows of %s that are larger than their page', (_, table) => {
  it('are whole in the log of the writes, and in the database when they have gone there', async () => {
    const { folder, database } = await open(table)
    // One for each place where a row of three pages can hold it.
    const markers = Array.from({ length: 2 * PAGE_BYTES }, () => makeMarker())
    for (const [at, marker] of markers.entries()) insert(database, `${String(at).padEnd(at, 'x')}${marker}`.padEnd(3 * PAGE_BYTES, 'y'))
    for (const name of ['portolan.db-wal', 'portolan.db']) {
      const file = await readFile(join(folder, name))
      const cut = markers.filter(marker => !file.includes(marker))
      expect(cut.length).toBeGreaterThan(20)
      const joined = Buffer.concat([...joinPages(file)])
      expect(cut.filter(marker => !joined.includes(marker))).toEqual([])
      database.exec('pragma wal_checkpoint(truncate)')
    }
  })
})

it('a secret that is packed over many pages is found', async () => {
  const marker = makeMarker()
  const { folder, database } = await open('create table rows (text blob)')
  insert(database, gzipSync(randomBytes(5_000).toString('hex') + marker))
  const watch = watchRemains(needlesOf(marker))
  onTestFinished(() => watch.end())
  keepFolder(folder, 'a test')
  expect(watch.findings()).toMatchObject([{ what: 'the marker (plain), in gzip', of: 'a test (portolan.db-wal, rows over several pages)' }])
})

it.each([
  ['nothing', Buffer.alloc(0)],
  ['what is no database', Buffer.from('SQLite format 4 and more')],
  ['a database that was cut off', Buffer.from('SQLite format 3\0\x02')],
  ['the log of a database that was cut off', Buffer.from([0x37, 0x7f, 0x06, 0x82, 0, 0])],
  ['a database of noise', Buffer.concat([Buffer.from('SQLite format 3\0\x02\0'), Buffer.alloc(50_000, 0x0d)])],
  ['a log of noise', Buffer.concat([Buffer.from([0x37, 0x7f, 0x06, 0x82, 0, 0, 0, 0, 0, 0, 2, 0]), Buffer.alloc(50_000, 0x0d)])],
  ['a page size of nothing', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(5_000)])],
])('of %s nothing is made, and nothing fails', (_, file) => {
  expect(joinPages(file)).toEqual([])
})
