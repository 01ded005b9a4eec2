import type { WorkId } from '@portolan/federation'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LOCAL } from '../auth/principal.ts'
import { createAbandonedCreates, HOLD_MS, type HoldingStore } from './abandoned-creates.ts'

const create = { principal: LOCAL, mount: '/ga4gh/tes/v1', documentText: '{"executors":[]}' }
const id = '01JZZZZZZZZZZZZZZZZZZZZZZZ' as WorkId

function start() {
  const executed: string[] = []
  const errors: unknown[] = []
  const execute = async (command: Parameters<HoldingStore['execute']>[0]) => {
    executed.push(command.kind === 'hold' ? `hold until ${command.until}` : command.kind)
  }
  return {
    executed,
    errors,
    abandoned: createAbandonedCreates(
      { execute },
      () => 1_000,
      error => void errors.push(error),
    ),
  }
}

describe('a create whose client hung up', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is held, and cancelled when nobody claims it', async () => {
    const { executed, abandoned } = start()
    await abandoned.abandon(create, Promise.resolve(id))
    expect(executed).toEqual([`hold until ${1_000 + HOLD_MS}`])
    await vi.advanceTimersByTimeAsync(HOLD_MS)
    expect(executed.at(-1)).toBe('requestCancel')
    expect(await abandoned.claim({ ...create, mount: '/v1' })).toBeUndefined()
  })

  it('is claimed by an equal create on another mount, once, and then not cancelled', async () => {
    const { executed, abandoned } = start()
    await abandoned.abandon(create, Promise.resolve(id))
    expect(await abandoned.claim({ ...create, mount: '/v1' })).toBe(id)
    expect(await abandoned.claim({ ...create, mount: '/v1' })).toBeUndefined()
    await vi.advanceTimersByTimeAsync(HOLD_MS)
    expect(executed).toEqual([`hold until ${1_000 + HOLD_MS}`, 'hold until 0'])
  })

  it('is claimed while the store is still at it, and then never held', async () => {
    const { executed, abandoned } = start()
    const created = Promise.withResolvers<WorkId>()
    const abandoning = abandoned.abandon(create, created.promise)
    const claiming = abandoned.claim({ ...create, mount: '' })
    created.resolve(id)
    expect(await claiming).toBe(id)
    await abandoning
    expect(executed).toEqual(['hold until 0'])
  })

  it.each([
    ['on the same mount', create],
    ['by somebody else', { ...create, mount: '/v1', principal: { ...LOCAL, subject: 'eve' } }],
    ['of another task', { ...create, mount: '/v1', documentText: '{}' }],
  ])('is not claimed %s', async (_, other) => {
    const { abandoned } = start()
    await abandoned.abandon(create, Promise.resolve(id))
    expect(await abandoned.claim(other)).toBeUndefined()
    abandoned[Symbol.dispose]()
  })

  it('that then failed in the store leaves nothing to claim but its error', async () => {
    const { errors, abandoned } = start()
    await expect(abandoned.abandon(create, Promise.reject(new Error('refused')))).rejects.toThrow('refused')
    await vi.advanceTimersByTimeAsync(HOLD_MS)
    expect(errors).toHaveLength(1)
  })
})
