import { describe, expect, it } from 'vitest'
import { type ListBounds, type ListedTask, observePages } from './observe-pages.ts'

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

describe('T10 a list that never ends', () => {
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

describe('T10 one page that is longer than a whole list may be', () => {
  const onePage = (items: readonly ListedTask[], nextPageToken?: string) =>
    observePages(async () => ({ items, nextPageToken, unreadable: 0 }), { ...WIDE, tasks: 10, characters: 100 })
  const tasksOf = (count: number, id: (at: number) => string, tags?: Record<string, string>): ListedTask[] =>
    Array.from({ length: count }, (_, at) => ({ id: id(at), state: 'RUNNING', ...(tags && { tags }) }))

  const rows: readonly [string, ListedTask[], string | undefined, number, RegExp][] = [
    ['by its tasks', tasksOf(1_000, at => `${at}`), undefined, 10, /10 tasks/],
    ['by its ids', tasksOf(9, at => `${at}`.repeat(30)), undefined, 3, /100 characters/],
    ['by the tags of one task', tasksOf(1, () => 'a', { 'portolan.task': 'x'.repeat(1_000) }), undefined, 0, /100 characters/],
    ['by one task again and again', tasksOf(1_000, () => 'a'), undefined, 1, /100 characters/],
    ['by its token', tasksOf(2, at => `${at}`), 'x'.repeat(1_000), 2, /100 characters/],
  ]
  it.each(rows)('%s leaves no more than the bound, and is incomplete', async (_, items, token, kept, detail) => {
    const { complete, failure, tasks } = await onePage(items, token)
    expect({ complete, kept: tasks.length, kind: failure?.kind }).toEqual({ complete: false, kept, kind: 'unreadable' })
    expect(failure?.detail).toMatch(detail)
  })

  it('is complete where it fills the bound to the last task', async () => {
    expect(await onePage(tasksOf(10, at => `${at}`.repeat(10)))).toMatchObject({ complete: true, tasks: { length: 10 } })
  })
})
