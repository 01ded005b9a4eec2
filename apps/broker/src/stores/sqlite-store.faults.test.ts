/**
 * What only this adapter can suffer: a full disk, a dead writer, a lost key, a killed process.
 */
import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { SYSTEM } from '../auth/principal.ts'
import { ADA, claim, create, decide, newAttempt, workId } from './contract/builders.ts'
import { makeFolder, openTemporary } from './contract/temporary.ts'
import { openKeyRing, rotateKey } from './key-ring.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { StoreUnavailable } from './store.ts'

const LARGE = JSON.stringify(Array.from({ length: 200_000 }, (_, i) => Math.imul(i, 2_654_435_761)))

describe('SQLite under faults', () => {
  it('refuses writes on a full disk, goes on reading, and writes again when there is room', async () => {
    const temporary = await openTemporary({ sparePages: 60 })
    await using store = temporary.store
    await create(store, workId(1))
    await expect(create(store, workId(2), { documentText: LARGE })).rejects.toBeInstanceOf(StoreUnavailable)
    expect(store.getWork(ADA, workId(1))?.id).toBe(workId(1))
    expect(store.getWork(ADA, workId(2))).toBeUndefined()
    await create(store, workId(3))
    await expect(store.checkWritable()).resolves.toBeUndefined()
  })

  it('refuses writes while another process keeps the file locked beyond the time-out', async () => {
    const temporary = await openTemporary({}, 300)
    await using store = temporary.store
    await create(store, workId(1))
    const other = new DatabaseSync(temporary.path)
    other.exec('begin immediate')
    await expect(store.checkWritable()).rejects.toBeInstanceOf(StoreUnavailable)
    expect(store.getWork(ADA, workId(1))?.id).toBe(workId(1))
    other.exec('rollback')
    other.close()
    await expect
      .poll(
        () =>
          create(store, workId(2)).then(
            () => 'written',
            () => 'refused',
          ),
        { timeout: 10_000 },
      )
      .toBe('written')
  })

  it('rejects what was waiting when the writer dies, and starts it again', async () => {
    const temporary = await openTemporary({ diesAt: workId(2) })
    await using store = temporary.store
    await create(store, workId(1))
    const waiting = [create(store, workId(2)), create(store, workId(3))]
    for (const { status } of await Promise.allSettled(waiting)) expect(status).toBe('rejected')
    await expect(create(store, workId(4))).rejects.toBeInstanceOf(StoreUnavailable)
    await expect
      .poll(
        () =>
          create(store, workId(5)).then(
            () => 'written',
            () => 'refused',
          ),
        { timeout: 15_000 },
      )
      .toBe('written')
    expect(store.getWork(ADA, workId(1))?.id).toBe(workId(1))
  })

  it('does not open without a key that it needs, and says which', async () => {
    const { dir, path, keys, store } = await openTemporary()
    await create(store, workId(1))
    await store[Symbol.asyncDispose]()
    await rm(join(dir, 'keys', 'documents.json'))
    const other = await openKeyRing(join(dir, 'keys'))
    await expect(openSqliteStore({ path, keys: other })).rejects.toThrow(`documents ${keys.newest('documents').id}`)
  })

  it('reads what older keys have coded after a rotation', async () => {
    const { dir, path, store } = await openTemporary()
    await create(store, workId(1))
    await store[Symbol.asyncDispose]()
    const id = await rotateKey(join(dir, 'keys'), 'documents')
    const keys = await openKeyRing(join(dir, 'keys'))
    expect(keys.newest('documents').id).toBe(id)
    await using again = await openSqliteStore({ path, keys })
    await create(again, workId(2))
    for (const number of [1, 2]) expect(again.getDocument(ADA, workId(number))?.documentText).toContain('alpine')
  })

  it('keeps neither documents, logs nor persons of events readable in the file, and its events show every change of them', async () => {
    const { path, keys, store } = await openTemporary()
    await create(store, workId(1), { documentText: JSON.stringify({ secret: makeSecret('hush') }) })
    await decide(store, await claim(store), newAttempt(workId(1), { tagKeyId: keys.newest('tags').id }), {
      decisionText: makeSecret('hush'),
    })
    const lease = await claim(store, 'events')
    await store.execute({ kind: 'sequenceEvents', principal: SYSTEM, lease, limit: 100 })
    expect(await store.verifyEvents(SYSTEM)).toMatchObject({ verified: 4 })
    const db = new DatabaseSync(path)
    const dump = ['documents', 'events', 'attempts'].map(table =>
      JSON.stringify(db.prepare(`select * from ${table}`).all(), (_, value) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
      ),
    )
    expect(dump.join('')).not.toContain(makeSecret('hush'))
    expect(dump[1]).not.toContain(ADA.subject)
    db.exec('update events set at = at + 1 where number = 2')
    expect(await store.verifyEvents(SYSTEM)).toMatchObject({ verified: 1, brokenAt: 2 })
    db.exec('update events set at = at - 1 where number = 2; update events set detail = null')
    expect(await store.verifyEvents(SYSTEM)).toMatchObject({ verified: 4 })
    db.exec('delete from events where number = 3')
    expect(await store.verifyEvents(SYSTEM)).toMatchObject({ verified: 2, brokenAt: 3 })
    db.close()
    await store[Symbol.asyncDispose]()
  })

  it('keeps ends, versions and epochs below every command', async () => {
    const { path, store } = await openTemporary()
    await create(store, workId(1))
    await claim(store)
    await store[Symbol.asyncDispose]()
    const db = new DatabaseSync(path)
    db.exec(`update work_items set state = 'COMPLETE', version = 2`)
    expect(() => db.exec(`update work_items set state = 'RUNNING'`)).toThrow('has ended')
    expect(() => db.exec('update work_items set version = 1')).toThrow('only rises')
    expect(() => db.exec('update leases set epoch = 0')).toThrow('only rises')
    db.close()
  })

  it.each([40, 90, 170])('I1: has every acknowledged work item whole after kill -9 behind %i acknowledgements', async acknowledgements => {
    const dir = await makeFolder()
    const child = spawn(process.execPath, [join(import.meta.dirname, 'contract', 'create-forever.ts'), dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const acknowledged: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line)
      if (acknowledged.length === acknowledgements) child.kill('SIGKILL')
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(acknowledgements)
    await using store = await openSqliteStore({ path: join(dir, 'portolan.db'), keys: await openKeyRing(join(dir, 'keys')) })
    for (const id of acknowledged) {
      const document = store.getDocument(ADA, id as ReturnType<typeof workId>)
      expect(document?.documentText).toBe(JSON.stringify({ id }))
      expect(store.getEvents(ADA, id as ReturnType<typeof workId>)).toHaveLength(1)
    }
  })
})
