/**
 * How much is made of links for one task, whatever it names.
 */
import type { LinkWish, LocationId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { createMemoryObjects } from '../../test/memory-objects.ts'
import { createLinks } from './store-links.ts'

const location = 'b' as LocationId
const signal = (): AbortSignal => AbortSignal.timeout(30_000)
const wishOf = (path: string, url: string): LinkWish => ({ path, url, location, directory: url.endsWith('/'), lifeMs: 60_000 })

function open(files: number) {
  const store = createMemoryObjects('b', { links: true })
  for (let at = 0; at < files; at++) store.put(`s3://b/dir/${at}`, 'x')
  let linked = 0
  const links = createLinks({
    stores: { byLocation: new Map([[location, store]]), at: () => store },
    observer: { linked: () => void linked++ },
  })
  return { links, asked: store.asked, linked: () => linked }
}

describe('the links of one task', () => {
  it('are no longer than its document may be, however many inputs name a folder', async () => {
    const { links, asked, linked } = open(1_000)
    const wishes = Array.from({ length: 300 }, (_, at) => wishOf(`/in/${at}`, 's3://b/dir/'))
    const answers = await links.stage(wishes, 10_000, signal())
    expect(answers.filter(({ outcome }) => outcome === 'staged')).toEqual([])
    const detail = 'the links of all inputs are longer than the 10000 bytes that a document for its site may have'
    expect(answers.at(-1)).toEqual({ outcome: 'failed', path: '/in/299', failure: { kind: 'unsupported', detail } })
    expect(linked()).toBeGreaterThan(100)
    expect(linked()).toBeLessThan(500)
    expect(asked.length).toBeLessThanOrEqual(8)
  })

  it('end soon after they are too long, also those of single files', async () => {
    const { links, linked } = open(0)
    const wishes = Array.from({ length: 1_000 }, (_, at) => wishOf(`/${at}`, 's3://b/x'))
    const answers = await links.stage(wishes, 500, signal())
    expect([answers[0]?.outcome, answers.at(-1)?.outcome]).toEqual(['staged', 'failed'])
    expect(linked()).toBeLessThanOrEqual(50)
  })

  it('are not made any more once nobody waits for them', async () => {
    const { links, asked, linked } = open(1)
    const answers = await links.stage([wishOf('/x', 's3://b/dir/0'), wishOf('/d', 's3://b/dir/')], 10_000, AbortSignal.abort())
    expect(answers).toMatchObject([{ failure: { kind: 'timeout' } }, { failure: { kind: 'timeout' } }])
    expect([asked, linked()]).toEqual([[], 0])
  })
})
