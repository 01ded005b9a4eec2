import type { OutputExpectation } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { createMemoryObjects, type MemoryObjects } from '../../test/memory-objects.ts'
import type { StoreAnswer } from './object-store.ts'
import { createStoreMeasurer } from './store-measurer.ts'

const NEVER = new AbortController().signal
const UNSUPPORTED: StoreAnswer<never> = { outcome: 'failed', failure: { kind: 'unsupported', detail: 'It cannot.' } }
const FOLDER = { url: 's3://b/r', path: '/out', type: 'DIRECTORY' } as const

function expecting(declared: OutputExpectation['declared'], changes: Partial<OutputExpectation> = {}): OutputExpectation {
  return { declared, reported: [], complete: true, since: Date.now() - 1_000, ...changes }
}

function open(...stores: readonly MemoryObjects[]) {
  const told: string[] = []
  const measurer = createStoreMeasurer({
    stores: { at: url => stores.find(({ location }) => url.startsWith(`s3://${location}/`)) },
    observer: { measured: outcome => void told.push(outcome) },
    now: Date.now,
  })
  return { measurer, told }
}

describe('measuring outputs at their stores', () => {
  it('asks for a file once, and for a directory by its listing', async () => {
    const b = createMemoryObjects('b')
    b.put('s3://b/a.txt', 'twelve bytes')
    b.put('s3://b/r/x', 'x')
    b.put('s3://b/r/y/z', 'zz')
    const { measurer, told } = open(b)
    const measured = await measurer.measure(expecting([{ url: 's3://b/a.txt', path: '/a.txt' }, FOLDER]), 1_000, NEVER)
    expect(measured.outputs.map(({ path, bytes, location }) => [path, bytes, location])).toEqual([
      ['/a.txt', 12, 'b'],
      ['/out/x', 1, 'b'],
      ['/out/y/z', 2, 'b'],
    ])
    expect([measured.warnings, b.asked.toSorted(), told]).toEqual([[], ['head s3://b/a.txt', 'list s3://b/r/'], ['whole']])
  })

  it('looks below what is no object, for some declare a directory as a file', async () => {
    const b = createMemoryObjects('b')
    b.put('s3://b/r/x', 'x')
    const { measurer } = open(b)
    const measured = await measurer.measure(expecting([{ url: 's3://b/r', path: '/out' }]), 1_000, NEVER)
    expect(measured.outputs.map(({ path }) => path)).toEqual(['/out/x'])
  })

  it('takes a listing page by page', async () => {
    const b = createMemoryObjects('b')
    b.pageSize = 2
    for (const name of ['a', 'b', 'c', 'd', 'e']) b.put(`s3://b/r/${name}`, name)
    const { measurer } = open(b)
    expect((await measurer.measure(expecting([FOLDER]), 1_000, NEVER)).outputs).toHaveLength(5)
    expect(b.asked).toHaveLength(3)
  })

  it('takes no server that has listed something for one without lists', async () => {
    const b = createMemoryObjects('b')
    b.pageSize = 1
    for (const name of ['x', 'y']) b.put(`s3://b/r/${name}`, name)
    const { measurer } = open({ ...b, list: (below, from, signal) => (from ? Promise.resolve(UNSUPPORTED) : b.list(below, from, signal)) })
    const measured = await measurer.measure(expecting([FOLDER]), 1_000, NEVER)
    expect(measured).toEqual({
      outputs: [],
      warnings: ['Output /out: what lies at s3://b/r could not be measured (its store cannot be asked), so it is left out.'],
    })
  })

  it('asks when a file came to be where the listing does not tell', async () => {
    const b = createMemoryObjects('b')
    b.lists = 'no-times'
    b.put('s3://b/r/new', 'n')
    b.put('s3://b/r/old', 'o', { modifiedAt: Date.now() - 3_600_000 })
    const { measurer } = open(b)
    const measured = await measurer.measure(expecting([FOLDER]), 1_000, NEVER)
    expect(measured.outputs.map(({ path }) => path)).toEqual(['/out/new'])
    expect(measured.warnings).toEqual(['Output /out: one file at s3://b/r is older than this task, and so left out.'])
  })

  it('T03 looks one by one at what the site reports where the server lists nothing, and nowhere else', async () => {
    const b = createMemoryObjects('b')
    b.lists = 'nothing'
    b.put('s3://b/r/x', 'x')
    b.put('s3://b/secret', 's')
    const { measurer } = open(b)
    const reported = ['s3://b/r/x', 's3://b/r/gone', 's3://b/secret'].map(url => ({ url, path: '/out/x', sizeBytes: '99' }))
    const measured = await measurer.measure(expecting([FOLDER], { reported }), 1_000, NEVER)
    expect(measured.outputs.map(({ url, bytes }) => [url, bytes])).toEqual([['s3://b/r/x', 1]])
    expect(b.asked).not.toContain('head s3://b/secret')
  })

  it('takes a file for missing where the server lists nothing either', async () => {
    const b = createMemoryObjects('b')
    b.lists = 'nothing'
    const { measurer } = open(b)
    const { warnings } = await measurer.measure(expecting([{ url: 's3://b/a', path: '/a' }]), 1_000, NEVER)
    expect(warnings).toEqual(['Output /a: there is nothing at s3://b/a.'])
  })

  it('answers in time with what it knows when one store is silent, and names the rest', async () => {
    const b = createMemoryObjects('b')
    const silent = createMemoryObjects('silent')
    silent.fault = 'silence'
    b.put('s3://b/a', 'a')
    const { measurer, told } = open(b, silent)
    const many = Array.from({ length: 40 }, (_, i) => ({ url: `s3://silent/${i}`, path: `/out/${i}` }))
    const measured = await measurer.measure(expecting([...many, { url: 's3://b/a', path: '/a' }]), 200, NEVER)
    expect(measured.outputs.map(({ path }) => path)).toEqual(['/a'])
    expect(measured.warnings).toHaveLength(40)
    expect(measured.warnings[0]).toBe(
      'Output /out/0: what lies at s3://silent/0 could not be measured (its store did not answer in time), so it is left out.',
    )
    expect(told).toEqual(['partly'])
  })

  it('names a folder of which a file could not be looked at, and takes nothing for missing', async () => {
    const b = createMemoryObjects('b')
    b.lists = 'no-times'
    for (const name of ['x', 'y']) b.put(`s3://b/r/${name}`, name)
    const store: MemoryObjects = Object.create(b, {
      head: {
        value: async (url: string, signal: AbortSignal) =>
          url.endsWith('y') ? { outcome: 'failed', failure: { kind: 'unreadable', detail: 'no' } } : b.head(url, signal),
      },
    })
    const measured = await open(store).measurer.measure(expecting([FOLDER]), 1_000, NEVER)
    expect([measured.outputs, measured.warnings]).toEqual([[], [expect.stringMatching(/^Output \/out: .* could not be measured/)]])
  })

  it('asks a server that fails again until it answers', async () => {
    const b = createMemoryObjects('b')
    b.put('s3://b/a', 'a')
    b.fault = 'server'
    const { measurer } = open(b)
    const measuring = measurer.measure(expecting([{ url: 's3://b/a', path: '/a' }]), 10_000, NEVER)
    b.fault = undefined
    expect((await measuring).outputs).toHaveLength(1)
    expect(b.asked).toEqual(['head s3://b/a', 'head s3://b/a'])
  })

  it('does not ask again where the answer will be the same', async () => {
    const b = createMemoryObjects('b')
    b.fault = 'unreadable'
    const { measurer, told } = open(b)
    const { warnings } = await measurer.measure(expecting([{ url: 's3://b/a', path: '/a' }]), 10_000, NEVER)
    expect(warnings).toEqual([
      'Output /a: what lies at s3://b/a could not be measured (its store answers what cannot be read), so it is left out.',
    ])
    expect([b.asked.length, told]).toEqual([1, ['nothing']])
  })

  it('takes the word of the site where the store does not let it look, and hands out nothing from there', async () => {
    const b = createMemoryObjects('b')
    b.fault = 'auth'
    const { measurer } = open(b)
    const reported = [{ url: 's3://b/a', path: '/a', sizeBytes: '7' }]
    const { outputs, warnings } = await measurer.measure(expecting([{ url: 's3://b/a', path: '/a' }], { reported }), 10_000, NEVER)
    expect([outputs, warnings]).toEqual([[{ url: 's3://b/a', path: '/a', bytes: 7 }], []])
  })

  it('ends with its signal, and answers nothing then', async () => {
    const b = createMemoryObjects('b')
    b.fault = 'silence'
    const { measurer, told } = open(b)
    const stopping = new AbortController()
    const measuring = measurer.measure(expecting([FOLDER]), 10_000, stopping.signal)
    stopping.abort(new Error('stopped'))
    await expect(measuring).rejects.toThrow('stopped')
    expect(told).toEqual([])
  })
})
