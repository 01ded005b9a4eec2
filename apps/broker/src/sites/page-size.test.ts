import { describe, expect, it } from 'vitest'
import { nextPageSize, type PageLength } from './page-size.ts'

const MiB = 1024 * 1024
const page = (tasks: number, characters: number): PageLength => ({ tasks, characters })

describe('the size of the next pages', () => {
  it.each<[string, number, PageLength | 'unreadable', number]>([
    ['stays at the most while they are short', 2047, page(2047, 1_000), 2047],
    ['stays while they are neither short nor long', 500, page(500, MiB / 2), 500],
    ['stays where they are just long enough', 2047, page(2047, MiB), 2047],
    ['falls by as much as they are too long', 2047, page(2000, 4 * MiB), 500],
    ['falls by what their tasks are long, though there are few', 2047, page(200, 4 * MiB), 50],
    ['falls not below some, however long they are', 2047, page(2047, 1_000 * MiB), 32],
    ['falls to a quarter where a page could not be read at all', 2047, 'unreadable', 511],
    ['falls not below some there either', 40, 'unreadable', 32],
    ['stays where the site never has more', 10, page(10, 4 * MiB), 10],
    ['grows again, to twice as many', 32, page(32, 1_000), 64],
    ['grows no further than the most', 1500, page(0, 20), 2047],
  ])('%s', (_, size, longest, next) => {
    expect(nextPageSize(size, longest, 2047)).toBe(next)
  })
})
