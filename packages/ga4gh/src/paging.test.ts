import { describe, expect, it } from 'vitest'
import { type Page, paginate } from './index.ts'

const walk = (pages: Record<string, Page<number>>) => paginate(async token => pages[token ?? ''] ?? { items: [] })

describe('a walk over pages', () => {
  it('gives every item in order, across short and empty pages', async () => {
    const list = walk({
      '': { items: [1, 2], nextPageToken: 'a' },
      a: { items: [], nextPageToken: 'b' },
      b: { items: [3] },
    })
    expect(await list.toArray()).toEqual([1, 2, 3])
  })

  it('ends at an empty token', async () => {
    expect(await walk({ '': { items: [1], nextPageToken: '' } }).toArray()).toEqual([1])
  })

  it('asks only for the pages that are needed', async () => {
    const asked: (string | undefined)[] = []
    const list = paginate(async token => {
      asked.push(token)
      return { items: [1, 2], nextPageToken: `${asked.length}` }
    })
    expect(await list.toArray({ limit: 3 })).toEqual([1, 2, 1])
    expect(asked).toEqual([undefined, '1'])
    expect(await list.toArray({ limit: 0 })).toEqual([])
  })

  it('can be taken page by page', async () => {
    const sizes: number[] = []
    for await (const page of walk({ '': { items: [1, 2], nextPageToken: 'a' }, a: { items: [3] } }).pages()) sizes.push(page.items.length)
    expect(sizes).toEqual([2, 1])
  })

  it('stops at a token that comes back', async () => {
    const list = walk({
      '': { items: [1], nextPageToken: 'a' },
      a: { items: [2], nextPageToken: 'b' },
      b: { items: [3], nextPageToken: 'a' },
    })
    await expect(list.toArray()).rejects.toMatchObject({ code: 'unreadable' })
  })

  it('stops at a list of empty pages without end', async () => {
    let count = 0
    const list = paginate<number>(async () => ({ items: [], nextPageToken: `${count++}` }))
    await expect(list.toArray()).rejects.toMatchObject({ code: 'unreadable' })
  })
})
