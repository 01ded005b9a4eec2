import type { ListFilter } from '@portolan/tes/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shell, startTestSite, type TestSite } from './start-site.ts'

describe('the list of tasks', () => {
  let test: TestSite
  const ids: string[] = []
  beforeAll(async () => {
    test = await startTestSite({ slots: 4 })
    for (let index = 0; index < 7; index++) {
      ids.push(
        await test.submit({
          name: `run-${index % 2}`,
          tags: { parity: String(index % 2), ...(index === 3 && { odd: '' }) },
          executors: [shell('true')],
        }),
      )
    }
    await test.client.waitForTasks(ids)
  })
  afterAll(() => test[Symbol.asyncDispose]())

  it('gives each task once, newest first, page by page', async () => {
    const seen: string[] = []
    for await (const { id } of test.client.listTasks({ pageSize: 3 })) seen.push(id)
    expect(seen).toEqual([...ids].reverse())
  })

  const at = (...places: number[]) => places.map(place => ids[place])
  const rows: [title: string, filter: ListFilter, expected: () => (string | undefined)[]][] = [
    ['by the beginning of the name', { namePrefix: 'run-1' }, () => at(5, 3, 1)],
    ['by a tag', { tags: { parity: '0' } }, () => at(6, 4, 2, 0)],
    ['by a tag of any value', { tags: { odd: '' } }, () => at(3)],
    ['by a tag that nobody has', { tags: { parity: '7' } }, () => []],
    ['by all conditions together', { tags: { parity: '1', odd: '' }, state: 'COMPLETE', namePrefix: 'run' }, () => at(3)],
    ['by a state that nobody has', { state: 'RUNNING' }, () => []],
  ]
  for (const [title, filter, expected] of rows) {
    it(`can be asked ${title}`, async () => {
      const seen: string[] = []
      for await (const { id } of test.client.listTasks(filter)) seen.push(id)
      expect(seen).toEqual(expected())
    })
  }

  it('refuses a token that it never gave', async () => {
    await expect(test.client.listPage({ pageToken: 'forged' })).rejects.toMatchObject({ code: 'bad_request' })
  })

  it('knows nothing of an unknown task', async () => {
    await expect(test.client.getTask('nope')).rejects.toMatchObject({ code: 'not_found' })
    await expect(test.client.cancelTask('nope')).rejects.toMatchObject({ code: 'not_found' })
  })
})
