/**
 * What the adapter of the login store can suffer: a dead writer, a killed process, a stolen file, a file that somebody has changed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { spellingsOf } from '../../../../test/leaks/spellings.ts'
import { SYSTEM } from '../auth/principal.ts'
import { CodecError } from './codec.ts'
import { ADA, BOB, claim, create, NOW, workId } from './contract/builders.ts'
import { makeFolder, openTemporary } from './contract/temporary.ts'
import { openKeyRing, rotateKey } from './key-ring.ts'
import {
  createToken,
  familyId,
  hashOf,
  logIn,
  MANY,
  MINUTE,
  personOf,
  poll,
  rotate,
  startDevice,
  startFamily,
  startLogin,
  startSession,
} from './login-contract/builders.ts'
import { openSqliteStore, type SqliteStore } from './sqlite-store.ts'
import { StoreUnavailable } from './store.ts'

function spawnProgram(name: string, dir: string) {
  return spawn(process.execPath, [join(import.meta.dirname, 'login-contract', name), dir], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function openAgain(dir: string): Promise<SqliteStore> {
  return await openSqliteStore({ path: join(dir, 'portolan.db'), keys: await openKeyRing(join(dir, 'keys')) })
}

describe('SQLite under faults, logins', () => {
  it('undoes an exchange that the writer did not live to commit, so that the token still counts', async () => {
    const { store } = await openTemporary({ diesAt: workId(1) })
    await using _ = store
    const { login } = store
    await startFamily(login)
    const lost = [rotate(login, 'f 1', 'f 2'), create(store, workId(1))]
    for (const outcome of await Promise.allSettled(lost)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) })
    }
    await expect
      .poll(
        () =>
          rotate(login, 'f 1', 'f 2').then(
            ({ outcome }) => outcome,
            () => 'refused',
          ),
        { timeout: 15_000 },
      )
      .toBe('rotated')
  })

  it('has everything after kill -9, and answers the refresh token once more whose answer was lost', async () => {
    const dir = await makeFolder()
    const [, signal] = await once(spawnProgram('rotate-and-die.ts', dir), 'exit')
    expect(signal).toBe('SIGKILL')
    await using store = await openAgain(dir)
    const { login } = store
    expect(login.getPerson(ADA, personOf(ADA))).toMatchObject({ lastLoginAt: NOW })
    expect(login.findToken(hashOf('t'), NOW)?.standing).toBe('live')
    expect(login.findSession(hashOf('s'), NOW)?.standing).toBe('live')
    expect(login.getSessionData(hashOf('s'), NOW)).toBe('{"hint":"h"}')
    const back = { stateHash: hashOf('state'), bindingHash: hashOf('cookie'), issuer: ADA.issuer, now: NOW }
    expect(await login.execute({ kind: 'consumeLogin', ...back })).toMatchObject({ outcome: 'consumed' })
    expect(await poll(login)).toMatchObject({ outcome: 'approved', flow: { person: personOf(ADA) } })
    expect(await rotate(login, 'f 1', 'found', { now: NOW + 10_000 })).toMatchObject({ outcome: 'again' })
    expect(await rotate(login, 'found', 'next', { now: NOW + 60_000 })).toMatchObject({ outcome: 'rotated' })
    expect(await rotate(login, 'f 1', 'stolen', { now: NOW + 60_000 })).toMatchObject({ outcome: 'reuse' })
    const claim = (now: number) =>
      login.execute({ kind: 'claimUpstream', principal: SYSTEM, person: personOf(ADA), claim: 'next', ttlMs: MINUTE, now })
    expect(await claim(NOW + MINUTE - 1)).toMatchObject({ outcome: 'taken' })
    expect(await claim(NOW + MINUTE)).toEqual({ outcome: 'claimed', upstreamRefresh: 'up' })
  })

  it.each([40, 170])('leaves every client a token that counts after kill -9 behind %i answers', async answers => {
    const dir = await makeFolder()
    const child = spawnProgram('rotate-forever.ts', dir)
    const held = new Map<string, string>()
    let lines = 0
    for await (const line of createInterface({ input: child.stdout })) {
      const [client = '', number = ''] = line.split(' ')
      held.set(client, number)
      lines += 1
      if (lines === answers) child.kill('SIGKILL')
    }
    expect(lines).toBeGreaterThanOrEqual(answers)
    await using store = await openAgain(dir)
    for (const [client, number] of held) {
      const answer = await rotate(store.login, `${client} ${number}`, `${client} next`)
      expect(['rotated', 'again']).toContain(answer.outcome)
      expect(await rotate(store.login, `${client} next`, `${client} last`)).toMatchObject({ outcome: 'rotated' })
    }
  })

  it('T09 keeps nothing of a secret in the file, the log of its writes, or its events, and what is kept opens nothing', async () => {
    const marker = `mark${crypto.randomUUID().replaceAll('-', '')}`
    const { path, store } = await openTemporary()
    const { login } = store
    const secret = (of: string) => `${of}-${marker}`
    await login.execute({
      kind: 'recordLogin',
      principal: ADA,
      claimsText: JSON.stringify({ name: secret('claims') }),
      upstreamRefresh: secret('upstream'),
      client: secret('browser'),
      now: NOW,
    })
    await createToken(login, 'token', { hash: hashOf(secret('pat')) })
    await startFamily(login, 'f', { client: secret('laptop') })
    await login.execute({
      kind: 'startFamily',
      principal: ADA,
      family: { id: familyId('g'), client: 'c', scopes: ['read'], expiresAt: NOW + 1 },
      hash: hashOf(secret('refresh')),
      most: MANY,
      now: NOW,
    })
    await rotate(login, secret('refresh'), secret('successor'), { client: 'c' })
    await startSession(login, secret('session'), { dataText: secret('data') })
    await startDevice(login, secret('device').slice(-4), {
      deviceHash: hashOf(secret('code')),
      client: secret('cli'),
      address: secret('address'),
    })
    await startLogin(login, { stateHash: hashOf(secret('state')), bindingHash: hashOf(secret('cookie')), text: secret('verifier') })
    const readAll = async () => {
      const parts = await Promise.all(['', '-wal', '-shm'].map(end => readFile(`${path}${end}`).catch(() => Buffer.alloc(0))))
      return Buffer.concat(parts).toString('latin1')
    }
    const found = (text: string) => spellingsOf(marker).filter(({ spelling }) => text.includes(spelling))
    expect(found(await readAll())).toEqual([])
    for (const [name, planted] of [
      ['plain', marker],
      ['hex', Buffer.from(marker).toString('hex')],
      ['base64', Buffer.from(`ab${marker}cd`).toString('base64')],
    ] as const) {
      await createToken(login, name, { name: planted })
      expect(found(await readAll()).map(({ how }) => how)).toContain(name)
    }
    using stolen = new DatabaseSync(path, { readOnly: true })
    for (const { hash } of stolen.prepare('select hash from personal_tokens').all()) {
      expect(login.findToken(hashOf(String(hash)), NOW)).toBeUndefined()
    }
    await store[Symbol.asyncDispose]()
  })

  it('decides between two processes as between two callers', async () => {
    const { dir, store } = await openTemporary()
    await using one = store
    await using other = await openAgain(dir)
    const both = [one.login, other.login]
    await startLogin(one.login)
    await startDevice(one.login)
    await startFamily(one.login)
    await one.login.execute({ kind: 'approveDevice', principal: ADA, userHash: hashOf('d user'), scopes: [], now: NOW })
    const polls = await Promise.all(both.map(login => poll(login)))
    expect(polls.map(({ outcome }) => outcome).toSorted()).toEqual(['approved', 'used'])
    const back = { stateHash: hashOf('state'), bindingHash: hashOf('cookie'), issuer: ADA.issuer, now: NOW }
    const logins = await Promise.all(both.map(login => login.execute({ kind: 'consumeLogin', ...back })))
    expect(logins.map(({ outcome }) => outcome).toSorted()).toEqual(['consumed', 'used'])
    const exchanges = await Promise.all(both.map((login, index) => rotate(login, 'f 1', `of process ${index}`)))
    expect(exchanges.map(({ outcome }) => outcome).toSorted()).toEqual(['again', 'rotated'])
    expect(other.login.getFamily(ADA, familyId('f'))?.current).toBe(3)
    await one.login.execute({ kind: 'recordLogin', principal: ADA, claimsText: '{}', upstreamRefresh: 'up', client: 'browser', now: NOW })
    const asks = { principal: SYSTEM, person: personOf(ADA), ttlMs: MINUTE, now: NOW }
    const claims = await Promise.all(both.map((login, index) => login.execute({ kind: 'claimUpstream', ...asks, claim: `${index}` })))
    expect(claims.map(({ outcome }) => outcome).toSorted()).toEqual(['claimed', 'taken'])
  })

  it('chains what was done at the door, and finds the events of a person under every key that named them', async () => {
    const { dir, store } = await openTemporary()
    await logIn(store.login)
    await store[Symbol.asyncDispose]()
    await rotateKey(join(dir, 'keys'), 'persons')
    await using again = await openAgain(dir)
    await createToken(again.login, 't')
    const lease = await claim(again, 'events')
    await again.execute({ kind: 'sequenceEvents', principal: SYSTEM, lease, limit: 100 })
    const events = again.login.getPersonEvents(ADA, personOf(ADA), 10)
    expect(events.map(({ kind, number = 0 }) => [kind, number > 0])).toEqual([
      ['tokenCreated', true],
      ['login', true],
    ])
    expect((await again.verifyEvents(SYSTEM)).brokenAt).toBeUndefined()
  })

  it('T09 reads no coded text in the place of another', async () => {
    const { path, store } = await openTemporary()
    await using _ = store
    const { login } = store
    await logIn(login)
    await logIn(login, BOB)
    await startFamily(login, 'f')
    await startFamily(login, 'g')
    await startSession(login, 's')
    await startSession(login, 'other')
    using db = new DatabaseSync(path)
    const move = (table: string, column: string, key: string, from: string, to: string) =>
      db.prepare(`update ${table} set ${column} = (select ${column} from ${table} where ${key} = ?) where ${key} = ?`).run(from, to)
    move('persons', 'claims', 'subject', BOB.subject, ADA.subject)
    move('refresh_families', 'client', 'id', 'g', 'f')
    move('sessions', 'data', 'hash', hashOf('other'), hashOf('s'))
    expect(() => login.getPerson(ADA, personOf(ADA))).toThrow(CodecError)
    expect(() => login.getFamily(SYSTEM, familyId('f'))).toThrow(CodecError)
    expect(() => login.getSessionData(hashOf('s'), NOW)).toThrow(CodecError)
    await expect(rotate(login, 'f 1', 'f 2')).rejects.toThrow('refresh_families:f:client')
  })

  it('keeps ends, uses and hashes below every command', async () => {
    const { path, store } = await openTemporary()
    await using _ = store
    const { login } = store
    await createToken(login, 't')
    await startFamily(login)
    await startSession(login, 's')
    await startDevice(login)
    await startLogin(login)
    using db = new DatabaseSync(path)
    db.exec('update personal_tokens set revoked_at = 1')
    expect(() => db.exec('update personal_tokens set revoked_at = null')).toThrow('was revoked')
    expect(() => db.exec('update refresh_families set current = 1')).toThrow('only rises')
    db.exec(`update refresh_families set ended_at = 1, why = 'reuse'`)
    expect(() => db.exec('update refresh_families set ended_at = null, why = null')).toThrow('has ended')
    db.exec('update sessions set ended_at = 1')
    expect(() => db.exec('update sessions set ended_at = null')).toThrow('has ended')
    db.exec(`update device_flows set state = 'denied', issuer = 'i', subject = 's'`)
    expect(() => db.exec(`update device_flows set state = 'pending'`)).toThrow('was decided')
    db.exec('update pending_logins set consumed_at = 1')
    expect(() => db.exec('update pending_logins set consumed_at = null')).toThrow('was consumed')
    for (const [table, column] of [
      ['personal_tokens', 'hash'],
      ['refresh_tokens', 'hash'],
      ['sessions', 'hash'],
      ['device_flows', 'device_hash'],
      ['device_flows', 'user_hash'],
      ['pending_logins', 'state_hash'],
      ['pending_logins', 'binding_hash'],
    ]) {
      expect(() => db.exec(`update ${table} set ${column} = 'portolan_pat_secret'`), `${table}.${column}`).toThrow('CHECK')
    }
  })
})
