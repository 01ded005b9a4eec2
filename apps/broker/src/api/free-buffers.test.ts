import { expect, it } from 'vitest'
import { createBufferRelease } from './free-buffers.ts'

it('buffers that were passed on are collected after each 8 MiB of them', () => {
  let collections = 0
  const note = createBufferRelease(() => {
    collections += 1
  })
  for (let passed = 0; passed < 64 * 2 ** 20; passed += 65_536) note(65_536)
  expect(collections).toBe(8)
})

it('V8 has such a collection', () => {
  const note = createBufferRelease()
  expect(() => note(2 ** 30)).not.toThrow()
})
