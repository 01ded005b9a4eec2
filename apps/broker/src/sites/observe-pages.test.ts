import { describe, expect, it } from 'vitest'
import { type ListBounds, observePages } from './observe-pages.ts'

const WIDE: ListBounds = { pages: 1_000, tasks: 1_000_000, characters: 1_000_000_000, ms: 60_000 }

/** A list that never ends: pages of ten tasks, and always a new token. */
function endless(tags?: Record<string, string>) {
  let asked = 0
  return async () => {
    asked += 1
    const items = Array.from({ length: 10 }, (_, i) => ({ id: `task-${asked}-${i}`, state: 'RUNNING' as const, ...(tags && { tags }) }))
    return { items, nextPageToken: `page-${asked}`, unreadable: 0 }
  }
}

describe('a list that never ends', () => {
  const rows: readonly [string, Partial<ListBounds>, RegExp][] = [
    ['so many pages', { pages: 7 }, /7 pages/],
    ['so many tasks', { tasks: 95 }, /95 tasks/],
    ['so many characters', { characters: 2_000 }, /2000 characters/],
    ['so long a time', { ms: -1 }, /s$/],
  ]
  it.each(rows)('is given up after %s', async (_, bound, detail) => {
    const { complete, failure, tasks } = await observePages(endless(), { ...WIDE, ...bound })
    expect({ complete, kind: failure?.kind }).toEqual({ complete: false, kind: 'unreadable' })
    expect(failure?.detail).toMatch(detail)
    expect(tasks.length).toBeGreaterThan(0)
  })

  it('fills nothing with tags that cannot be ours', async () => {
    const { tasks } = await observePages(endless({ note: 'x'.repeat(10_000), 'portolan.task': 'w' }), { ...WIDE, pages: 3 })
    expect(tasks[0]?.tags).toEqual({ 'portolan.task': 'w' })
  })
})
