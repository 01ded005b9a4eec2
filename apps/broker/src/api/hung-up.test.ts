/**
 * Creates between their commit and their answer: what the reconciler of the process must leave alone, and what becomes of it when the client goes.
 */
import { request } from 'node:http'
import type { WorkId } from '@portolan/federation'
import { afterEach, describe, expect, it } from 'vitest'
import { call } from '../../test/call.ts'
import { type RunningApi, startApi } from '../../test/start-api.ts'
import { LOCAL } from '../auth/principal.ts'
import type { Store } from '../stores/store.ts'

const base = '/ga4gh/tes/v1'
const body = JSON.stringify({ name: 'count', executors: [{ image: 'alpine:3', command: ['true'] }] })
const WITHIN = { timeout: 10_000 }

let running: RunningApi | undefined
afterEach(async () => {
  await running?.[Symbol.asyncDispose]()
  running = undefined
})

/** An API over a store that keeps back the answers to creates while `isSlow`, after their commit. */
async function start() {
  const slow = { isSlow: true, told: Promise.withResolvers<void>(), stored: Promise.withResolvers<WorkId>() }
  const wrapStore = (store: Store): Store => ({
    ...store,
    execute: async command => {
      const answer = await store.execute(command)
      if (command.kind === 'create' && slow.isSlow) {
        slow.stored.resolve(command.work.id)
        await slow.told.promise
      }
      return answer
    },
  })
  const api = await startApi({ wrapStore })
  running = api
  const create = async (headers: Readonly<Record<string, string>> = {}, mount = base): Promise<WorkId> =>
    JSON.parse((await call(api.port, { method: 'POST', path: `${mount}/tasks`, headers, body })).text).id
  const hangUp = async (headers: Readonly<Record<string, string>> = {}): Promise<WorkId> => {
    const sent = request({
      port: api.port,
      host: '127.0.0.1',
      method: 'POST',
      path: `${base}/tasks`,
      headers: { 'content-type': 'application/json', ...headers },
    })
    sent.on('error', () => undefined)
    sent.end(body)
    const id = await slow.stored.promise
    sent.destroy()
    await expect.poll(() => api.accessLines.join(), WITHIN).toContain('"status":499')
    return id
  }
  return { api, slow, create, hangUp, holdOf: (id: WorkId) => api.store.getWork(LOCAL, id)?.holdUntil }
}

describe('a create', () => {
  it('counts as unanswered from before it is stored until its answer is out', async () => {
    const { api, slow, create } = await start()
    const answered = create()
    const id = await slow.stored.promise
    expect(api.store.getWork(LOCAL, id)?.state).toBe('QUEUED')
    expect(api.unanswered.has(id)).toBe(true)
    slow.told.resolve()
    expect(await answered).toBe(id)
    await expect.poll(() => api.unanswered.has(id), WITHIN).toBe(false)
    await expect.poll(() => api.wakeUps, WITHIN).toContain('dispatch')
  })

  it('whose client hung up counts as unanswered until the store holds it', async () => {
    const { api, slow, hangUp, holdOf } = await start()
    const id = await hangUp()
    expect([api.unanswered.has(id), holdOf(id)]).toEqual([true, undefined])
    slow.told.resolve()
    await expect.poll(() => api.unanswered.has(id), WITHIN).toBe(false)
    expect(holdOf(id)).toBeGreaterThan(Date.now())
  })

  it('that an equal one on another mount has claimed is held no more once that is answered', async () => {
    const { api, slow, create, hangUp, holdOf } = await start()
    const id = await hangUp()
    slow.told.resolve()
    await expect.poll(() => holdOf(id), WITHIN).toBeGreaterThan(Date.now())
    expect(await create({}, '/v1')).toBe(id)
    await expect.poll(() => api.unanswered.has(id), WITHIN).toBe(false)
    expect(holdOf(id)).toBeUndefined()
  })

  it.each([
    ['without a key', {}, 'by their key', { 'idempotency-key': 'k2' }],
    ['with a key', { 'idempotency-key': 'k1' }, 'with another', { 'idempotency-key': 'k3' }],
  ])('left behind %s on one mount is no task of those who come %s on another', async (_, left, __, theirs) => {
    const { slow, create, hangUp, holdOf } = await start()
    const id = await hangUp(left)
    slow.told.resolve()
    await expect.poll(() => holdOf(id), WITHIN).toBeGreaterThan(Date.now())
    const other = await create(theirs, '/v1')
    expect(other).not.toBe(id)
    expect(await create(theirs, '/v1')).toBe(other)
    expect(await create(theirs)).toBe(other)
    expect(holdOf(id)).toBeGreaterThan(Date.now())
  })

  it('that was answered is not held when a client that repeats it by its key hangs up', async () => {
    const { api, slow, create, hangUp, holdOf } = await start()
    const key = { 'idempotency-key': 'k1' }
    slow.isSlow = false
    const id = await create(key)
    slow.isSlow = true
    const unused = await hangUp(key)
    slow.told.resolve()
    await expect.poll(() => api.unanswered.has(unused), WITHIN).toBe(false)
    // The store takes commands in their order: a hold would be there by the end of the next one.
    await create({ 'idempotency-key': 'k2' })
    expect(holdOf(id)).toBeUndefined()
  })

  it('that was left behind belongs to the client that comes back with its key, also where both are answered at once', async () => {
    const { api, slow, create, hangUp, holdOf } = await start()
    const key = { 'idempotency-key': 'k1' }
    const id = await hangUp(key)
    const again = create(key)
    slow.told.resolve()
    expect(await again).toBe(id)
    await expect.poll(() => api.unanswered.has(id), WITHIN).toBe(false)
    await create({ 'idempotency-key': 'k2' })
    expect(holdOf(id)).toBeUndefined()
  })
})
