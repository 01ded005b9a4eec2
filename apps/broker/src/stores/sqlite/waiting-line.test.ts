import { describe, expect, it } from 'vitest'
import { createWaitingLine } from './waiting-line.ts'

function lineOf(...names: string[]) {
  const line = createWaitingLine<{ name: string }>()
  return { line, ids: names.map(name => line.add({ name })) }
}

describe('a waiting line', () => {
  it('gives each who joins an id of its own, and each back by it', () => {
    const { line, ids } = lineOf('a', 'b', 'c')
    expect(new Set(ids).size).toBe(3)
    expect(ids.map(id => line.take(id)?.name)).toEqual(['a', 'b', 'c'])
    expect(line.size).toBe(0)
  })

  it('lets one leave from the middle without moving the others', () => {
    const { line, ids } = lineOf('a', 'b', 'c')
    expect(line.take(ids[1] ?? 0)?.name).toBe('b')
    expect(line.size).toBe(2)
    expect(line.first()?.name).toBe('a')
    expect(line.takeFirst()?.name).toBe('a')
    expect(line.first()?.name).toBe('c')
    expect(line.take(ids[2] ?? 0)?.name).toBe('c')
  })

  it('knows nobody who has left, who never came, or by an id that is none', () => {
    const { line, ids } = lineOf('a', 'b')
    line.takeFirst()
    for (const id of [ids[0] ?? 0, 0, -1, 1e9, 1.5]) expect(line.take(id)).toBeUndefined()
    expect(line.size).toBe(1)
  })

  it('goes on after it was empty', () => {
    const { line, ids } = lineOf('a')
    line.takeFirst()
    expect([line.first(), line.takeFirst()]).toEqual([undefined, undefined])
    const later = line.add({ name: 'b' })
    expect(later).toBeGreaterThan(ids[0] ?? 0)
    expect(line.take(later)?.name).toBe('b')
  })
})
