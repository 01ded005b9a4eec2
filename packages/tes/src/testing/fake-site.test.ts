import { describe, expect, it } from 'vitest'
import { ApiError, createTesClient } from '../client/index.ts'
import { isTerminal, type TesTask } from '../index.ts'
import { createFakeSite, type FakeSite } from './index.ts'

const TASK: TesTask = {
  name: 'count',
  tags: { a: 'b' },
  inputs: [{ path: '/in', content: 'text' }],
  outputs: [{ path: '/out', url: 's3://b/out' }],
  executors: [{ image: 'alpine:3', command: ['wc', '/in'] }],
}

const clientOf = (site: FakeSite) => createTesClient({ url: site.url, maxRetries: 0 })
const failureOf = (work: Promise<unknown>): Promise<ApiError> =>
  work.then(
    () => Promise.reject(new Error('it should have failed')),
    (error: unknown) => (error instanceof ApiError ? error : Promise.reject(error)),
  )

describe('a fake site', () => {
  it('shows the short SYSTEM_ERROR of TES-K and a step back, without an end', async () => {
    await using site = await createFakeSite({ personality: 'tesk' })
    const client = clientOf(site)
    const { id } = await client.createTask(TASK)
    const seen: string[] = []
    do {
      const { state, logs } = await client.getTask(id, { view: 'FULL' })
      seen.push(`${state}${logs?.[0]?.end_time ? ' ended' : ''}`)
    } while (seen.at(-1) !== 'COMPLETE ended')
    expect(seen).toEqual(['SYSTEM_ERROR', 'QUEUED', 'INITIALIZING', 'RUNNING', 'QUEUED', 'RUNNING', 'COMPLETE ended'])
  })

  it('refuses fields of TES 1.1 and a cancel of what has ended, as TES-K does', async () => {
    await using site = await createFakeSite({ personality: 'tesk', steps: () => ['COMPLETE'] })
    const client = clientOf(site)
    const later = { ...TASK, executors: [{ image: 'a', command: ['b'], ignore_error: true }] }
    expect(await failureOf(client.createTask(later))).toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('ignore_error'),
    })
    const { id } = await client.createTask(TASK)
    expect(await failureOf(client.cancelTask(id))).toMatchObject({ status: 400 })
    expect(await failureOf(client.cancelTask('other'))).toMatchObject({ status: 404 })
  })

  it.each([
    ['tes-1.1', 400],
    ['tesk', 500],
    ['funnel', undefined],
  ] as const)('meets a page token that it never gave as %s does', async (personality, status) => {
    await using site = await createFakeSite({ personality })
    site.addOldTasks(2)
    const page = clientOf(site).listPage({ pageToken: 'strange' })
    if (status === undefined) expect((await page).items).toEqual([])
    else expect(await failureOf(page)).toMatchObject({ status })
  })

  it('runs on although it says CANCELED', async () => {
    await using site = await createFakeSite({ progress: 'manual' })
    site.quirks.runsOnAfterCancel = true
    const client = clientOf(site)
    const { id } = await client.createTask(TASK)
    await client.cancelTask(id)
    site.advance(10)
    expect((await client.getTask(id)).state).toBe('CANCELED')
    expect(site.tasks.get(id)?.ran).toBe(true)
  })

  it('loses tasks, gives an id again, and skews its clock', async () => {
    await using site = await createFakeSite({ clock: () => Date.parse('2026-01-01T00:00:00Z') })
    site.quirks.clockSkewMs = 300_000
    const client = clientOf(site)
    const { id } = await client.createTask(TASK)
    expect((await client.getTask(id, { view: 'BASIC' })).creation_time).toBe('2026-01-01T00:05:00.000Z')
    site.forget(id)
    site.quirks.nextIds.push(id)
    expect((await client.createTask({ ...TASK, name: 'another' })).id).toBe(id)
  })

  it('is put into any state by the test', async () => {
    await using site = await createFakeSite({ progress: 'manual' })
    const client = clientOf(site)
    const { id } = await client.createTask(TASK)
    site.setState(id, 'EXECUTOR_ERROR')
    const task = await client.getTask(id, { view: 'FULL' })
    expect([task.state, isTerminal(task.state), task.logs?.[0]?.logs]).toEqual(['EXECUTOR_ERROR', true, undefined])
  })

  it('holds many old tasks', async () => {
    await using site = await createFakeSite()
    site.addOldTasks(200_000)
    expect((await clientOf(site).listPage({ pageSize: 2_047 })).items).toHaveLength(2_047)
  })
})
