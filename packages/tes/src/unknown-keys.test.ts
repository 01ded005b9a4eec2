import { describe, expect, it } from 'vitest'
import { unknownKeys } from './unknown-keys.ts'

describe('unknown keys', () => {
  it('are named by their path, nulls not', () => {
    const raw = { name: 'a', colour: 'red', executors: [{ image: 'x', memory: 7 }, { image: 'y' }], tags: { a: 'b' }, workspace: null }
    const kept = { name: 'a', executors: [{ image: 'x' }, { image: 'y' }], tags: { a: 'b' } }
    expect(unknownKeys(raw, kept)).toEqual(['colour', 'executors[0].memory'])
  })

  it('are named up to twenty', () => {
    expect(unknownKeys(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, 1])), {})).toHaveLength(20)
  })

  it('of a document that is kept whole are none', () => {
    expect(unknownKeys({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([])
  })
})
