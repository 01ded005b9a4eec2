import type { ProjectId, WorkId } from '@portolan/federation'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LOCAL } from '../auth/principal.ts'
import { createUnanswered } from '../reconcile/unanswered.ts'
import { createAbandonedCreates, HOLD_MS, type HoldingStore } from './abandoned-creates.ts'

const create = { principal: LOCAL, project: 'local' as ProjectId, mount: '/ga4gh/tes/v1', documentText: '{"executors":[]}' }
const id = '01JZZZZZZZZZZZZZZZZZZZZZZZ' as WorkId
const HELD = `hold until ${1_000 + HOLD_MS}, unanswered`

function start({ isSent = false } = {}) {
  const executed: string[] = []
  const errors: unknown[] = []
  const store = { isGivenUp: false }
  const unanswered = createUnanswered()
  unanswered.begin(id)
  const execute = async (command: Parameters<HoldingStore['execute']>[0]) => {
    const open = unanswered.has(command.id) ? ', unanswered' : ''
    executed.push(command.kind === 'hold' ? `hold until ${command.until}${open}` : command.kind)
    return { outcome: isSent || store.isGivenUp ? 'conflict' : 'done' } as const
  }
  const abandoned = createAbandonedCreates({
    store: { execute },
    unanswered,
    now: () => 1_000,
    report: error => void errors.push(error),
  })
  return { executed, errors, store, unanswered, abandoned }
}

describe('a create whose client hung up', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is held, and counts as unanswered until it is: then the store keeps it from every site', async () => {
    const { executed, unanswered, abandoned } = start()
    await abandoned.abandon(create, Promise.resolve(id))
    expect(executed).toEqual([HELD])
    expect(unanswered.has(id)).toBe(false)
    await vi.advanceTimersByTimeAsync(HOLD_MS)
    expect(executed).toEqual([HELD])
    expect(await abandoned.claim({ ...create, mount: '/v1' })).toBeUndefined()
  })

  it('that another process has sent in between is given up when nobody claims it', async () => {
    const { executed, abandoned } = start({ isSent: true })
    await abandoned.abandon(create, Promise.resolve(id))
    await vi.advanceTimersByTimeAsync(HOLD_MS)
    expect(executed).toEqual([HELD, 'giveUp'])
  })

  it('is claimed by an equal create on another mount, once, and is unanswered again', async () => {
    const { executed, unanswered, abandoned } = start()
    await abandoned.abandon(create, Promise.resolve(id))
    expect(await abandoned.claim({ ...create, mount: '/v1' })).toBe(id)
    expect(unanswered.has(id)).toBe(true)
    expect(await abandoned.claim({ ...create, mount: '/v1' })).toBeUndefined()
    await vi.advanceTimersByTimeAsync(HOLD_MS)
    expect(executed).toEqual([HELD, 'hold until 0, unanswered'])
  })

  it('is claimed while the store is still at it, and then never held', async () => {
    const { executed, unanswered, abandoned } = start()
    const created = Promise.withResolvers<WorkId>()
    const abandoning = abandoned.abandon(create, created.promise)
    const claiming = abandoned.claim({ ...create, mount: '' })
    created.resolve(id)
    expect(await claiming).toBe(id)
    await abandoning
    expect(executed).toEqual(['hold until 0, unanswered'])
    expect(unanswered.has(id)).toBe(true)
  })

  it('is nobody’s once it was given up in the store, also where a claim comes in the same moment', async () => {
    const parts = start()
    await parts.abandoned.abandon(create, Promise.resolve(id))
    parts.store.isGivenUp = true
    expect(await parts.abandoned.claim({ ...create, mount: '/v1' })).toBeUndefined()
    expect(parts.unanswered.has(id)).toBe(false)
  })

  it('is theirs who got its id by its key, whether that was before the hold or after it', async () => {
    const after = start()
    await after.abandoned.abandon(create, Promise.resolve(id))
    await after.abandoned.keep(id)
    expect(after.executed).toEqual([HELD, 'hold until 0'])
    const before = start()
    await before.abandoned.keep(id)
    await before.abandoned.abandon(create, Promise.resolve(id))
    expect(before.executed).toEqual([])
    expect(before.unanswered.has(id)).toBe(false)
    await vi.advanceTimersByTimeAsync(HOLD_MS)
    expect([after.executed.length, before.executed.length]).toEqual([2, 0])
  })

  it('is nothing to hold or to claim if it was there before', async () => {
    const { executed, abandoned } = start()
    const abandoning = abandoned.abandon(create, Promise.resolve(undefined))
    expect(await abandoned.claim({ ...create, mount: '/v1' })).toBeUndefined()
    await abandoning
    await vi.advanceTimersByTimeAsync(HOLD_MS)
    expect(executed).toEqual([])
  })

  it.each([
    ['on the same mount', create, create],
    ['by somebody else', create, { ...create, mount: '/v1', principal: { ...LOCAL, subject: 'eve' } }],
    ['of another task', create, { ...create, mount: '/v1', documentText: '{}' }],
    ['by one with an Idempotency-Key', create, { ...create, mount: '/v1', idempotencyKey: 'k' }],
    ['by one without the key that it has', { ...create, idempotencyKey: 'k' }, { ...create, mount: '/v1' }],
    ['by one with another key', { ...create, idempotencyKey: 'k' }, { ...create, mount: '/v1', idempotencyKey: 'l' }],
  ])('is not claimed %s', async (_, left, other) => {
    const { abandoned } = start()
    await abandoned.abandon(left, Promise.resolve(id))
    expect(await abandoned.claim(other)).toBeUndefined()
    abandoned[Symbol.dispose]()
  })

  it('that then failed in the store leaves nothing to claim but its error', async () => {
    const { executed, abandoned } = start()
    const failed = Promise.reject(new Error('refused'))
    await expect(abandoned.abandon(create, failed)).rejects.toThrow('refused')
    await expect(abandoned.claim({ ...create, mount: '/v1' })).rejects.toThrow('refused')
    await vi.advanceTimersByTimeAsync(HOLD_MS)
    expect(executed).toEqual([])
  })
})
