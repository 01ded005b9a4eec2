import { setTimeout as sleep } from 'node:timers/promises'
import { MOST_OUTPUTS, type OutputExpectation } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { createMemoryObjects, type MemoryObjects } from '../../test/memory-objects.ts'
import type { LocationCondition } from './location-health.ts'
import type { ObjectStore, StoreAnswer, StoreQuestions, Turn } from './object-store.ts'
import { createStoreMeasurer } from './store-measurer.ts'

const NEVER = new AbortController().signal
const UNSUPPORTED: StoreAnswer<never> = { outcome: 'failed', failure: { kind: 'unsupported', detail: 'It cannot.' } }
const FOLDER = { url: 's3://b/r', path: '/out', type: 'DIRECTORY' } as const

function expecting(declared: OutputExpectation['declared'], changes: Partial<OutputExpectation> = {}): OutputExpectation {
  return { declared, reported: [], complete: true, since: Date.now() - 1_000, ...changes }
}

/** Files of one folder, declared one by one. */
function singles(folder: string, count: number): readonly { readonly url: string; readonly path: string }[] {
  return Array.from({ length: count }, (_, i) => ({ url: `${folder}${String(i).padStart(5, '0')}`, path: `/out/${i}` }))
}

interface Frugal {
  /** Questions that it answers before the files of an end are known; it refuses those that come after them. */
  readonly answers: number
  /** Folders that are listed before it tells any sum. */
  readonly listed: number
}

/** A server that has not time enough to be asked for each file by itself, at whatever speed the test runs. */
function frugal(objects: MemoryObjects, { answers, listed }: Frugal): ObjectStore {
  const folders = new Set<string>()
  const allListed = Promise.withResolvers<void>()
  let left = answers
  const inTurn = (turn: Turn): StoreQuestions => ({
    async head(url, signal) {
      if (turn === 'last') await allListed.promise
      else left -= 1
      return left < 0 ? UNSUPPORTED : objects.head(url, signal)
    },
    async list(below, ...asked) {
      left -= 1
      if (left < 0) return UNSUPPORTED
      const page = await objects.list(below, ...asked)
      if (folders.add(below).size === listed) allListed.resolve()
      return page
    },
  })
  return { ...objects, ...inTurn('usual'), inTurn }
}

const neverListed: StoreQuestions['list'] = async (_below, _from, signal) => {
  await sleep(600_000, undefined, { signal }).catch(() => undefined)
  return { outcome: 'failed', failure: { kind: 'timeout', detail: 'too late' } }
}

/** The first of each page comes last. */
function inNoOrder(list: StoreQuestions['list']): StoreQuestions['list'] {
  return async (...asked) => {
    const page = await list(...asked)
    if (page.outcome !== 'found') return page
    const [first, ...rest] = page.value.objects
    return { ...page, value: { objects: first ? [...rest, first] : rest } }
  }
}

function open(...stores: readonly ObjectStore[]) {
  const told: string[] = []
  const health: { state: LocationCondition['state'] } = { state: 'up' }
  const measurer = createStoreMeasurer({
    stores: { at: url => stores.find(({ location }) => url.startsWith(`s3://${location}/`)) },
    health: { condition: () => health },
    observer: { measured: outcome => void told.push(outcome) },
    now: Date.now,
  })
  return { measurer, told, health }
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
    const list = b.list.bind(b)
    b.list = (below, from, signal) => (from ? Promise.resolve(UNSUPPORTED) : list(below, from, signal))
    const { measurer } = open(b)
    const measured = await measurer.measure(expecting([FOLDER]), 1_000, NEVER)
    expect([measured.outputs.map(({ path }) => path), measured.warnings]).toEqual([
      ['/out/x'],
      ['Output /out: some files at s3://b/r could not be measured (its store cannot be asked), and so left out.'],
    ])
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
    const reported = ['s3://b/r/x', 's3://b/r/gone', 's3://b/r2/x', 's3://b/secret'].map(url => ({ url, path: '/out/x', sizeBytes: '99' }))
    const measured = await measurer.measure(expecting([FOLDER], { reported }), 1_000, NEVER)
    expect(measured.outputs.map(({ url, bytes }) => [url, bytes])).toEqual([['s3://b/r/x', 1]])
    expect(b.asked).toEqual(['list s3://b/r/', 'head s3://b/r/gone', 'head s3://b/r/x'])
  })

  it('names what the site reports and the store does not tell in time', async () => {
    const b = createMemoryObjects('b')
    b.lists = 'nothing'
    for (const name of ['x', 'y', 'z']) b.put(`s3://b/r/${name}`, name)
    b.faults.set('s3://b/r/y', 'server').set('s3://b/r/z', 'server')
    const { measurer, told } = open(b)
    const reported = ['x', 'y', 'z'].map(name => ({ url: `s3://b/r/${name}`, path: `/out/${name}`, sizeBytes: '1' }))
    const measured = await measurer.measure(expecting([FOLDER], { reported }), 300, NEVER)
    expect([measured.outputs.map(({ path }) => path), measured.warnings, told]).toEqual([
      ['/out/x'],
      ['Output /out: 2 files at s3://b/r could not be measured (its store did not answer in time), and so left out.'],
      ['partly'],
    ])
  })

  it('asks a server without lists for each file that is declared once, though thousands are reported', async () => {
    const b = createMemoryObjects('b')
    b.lists = 'nothing'
    const declared = singles('s3://b/r/', 5_000)
    const reported = declared.map(one => ({ ...one, sizeBytes: '1' }))
    for (const { url } of declared.slice(0, 10)) b.put(url, 'x')
    const { outputs } = await open(b).measurer.measure(expecting([...declared], { reported }), 10_000, NEVER)
    expect([outputs.length, b.asked.filter(asked => asked.startsWith('head')).length]).toEqual([10, 5_000])
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
    b.faults.set('s3://b/r/y', 'unreadable')
    const measured = await open(b).measurer.measure(expecting([FOLDER]), 1_000, NEVER)
    expect([measured.outputs.map(({ url }) => url), measured.warnings]).toEqual([
      ['s3://b/r/x'],
      ['Output /out: one file at s3://b/r could not be measured (its store answers what cannot be read), and so left out.'],
    ])
  })

  it('asks a server that fails again until it answers', async () => {
    const b = createMemoryObjects('b')
    b.put('s3://b/a', 'a')
    b.fault = 'server'
    const { measurer } = open(b)
    const measuring = measurer.measure(expecting([{ url: 's3://b/a', path: '/a' }]), 10_000, NEVER)
    await expect.poll(() => b.asked.length).toBe(1)
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

  it('takes the word of the site where the store refuses the broker twice, says so, and hands out nothing from there', async () => {
    const b = createMemoryObjects('b')
    b.fault = 'auth'
    const { measurer, told } = open(b)
    const reported = [{ url: 's3://b/a', path: '/a', sizeBytes: '7' }]
    const { outputs, warnings } = await measurer.measure(expecting([{ url: 's3://b/a', path: '/a' }], { reported }), 400, NEVER)
    expect(outputs).toEqual([{ url: 's3://b/a', path: '/a', bytes: 7 }])
    expect(warnings).toEqual([
      'Output /a: the store does not let the broker look at s3://b/a: what the site says of it is kept unchecked, and this broker hands out nothing of it.',
    ])
    expect([b.asked.length, told]).toEqual([2, ['partly']])
  })

  it('measures all when a store that has refused the broker takes its keys a little later', async () => {
    const b = createMemoryObjects('b')
    const declared = singles('s3://b/r/', 40)
    for (const { url } of declared) b.put(url, 'x')
    b.fault = 'auth'
    const { measurer } = open(b)
    const measuring = measurer.measure(expecting([...declared, FOLDER]), 1_000, NEVER)
    await expect.poll(() => b.asked.length).toBeGreaterThan(1)
    b.fault = undefined
    const { outputs, warnings } = await measuring
    expect([outputs.length, warnings]).toEqual([40, []])
  })

  it('believes a refusal of one object among others at once, and names it alone', async () => {
    const b = createMemoryObjects('b')
    for (const name of ['a', 'c']) b.put(`s3://b/${name}`, name)
    b.faults.set('s3://b/c', 'auth')
    const declared = ['a', 'c'].map(name => ({ url: `s3://b/${name}`, path: `/${name}` }))
    const { outputs, warnings } = await open(b).measurer.measure(expecting(declared), 10_000, NEVER)
    expect(outputs.map(({ path, location }) => [path, location])).toEqual([
      ['/a', 'b'],
      ['/c', undefined],
    ])
    expect([warnings.length, b.asked.toSorted()]).toEqual([1, ['head s3://b/a', 'head s3://b/c']])
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

describe('many outputs of one task', () => {
  it('are found by the lists of their folders, more than could be asked for one by one in the time', async () => {
    const b = createMemoryObjects('b')
    const declared = singles('s3://b/r/', 5_000)
    for (const { url } of declared) b.put(url, 'x')
    const { measurer, told } = open(frugal(b, { answers: 10, listed: 1 }))
    const { outputs, warnings } = await measurer.measure(expecting([...declared]), 60_000, NEVER)
    expect([outputs.length, warnings, told]).toEqual([5_000, [], ['whole']])
  })

  it('are found by the list of a folder above, where each has a folder of its own', async () => {
    const b = createMemoryObjects('b')
    const declared = singles('s3://b/r/', 50).map(({ url, path }) => ({ url: `${url}/x.bam`, path: `${path}/x.bam` }))
    for (const { url } of declared) b.put(url, 'x')
    const { outputs } = await open(b).measurer.measure(expecting(declared), 10_000, NEVER)
    expect([outputs.length, b.asked[0]]).toEqual([50, 'list s3://b/r/'])
  })

  it('get their sums when they are asked for one by one afterwards', async () => {
    const b = createMemoryObjects('b')
    b.lists = 'no-sums'
    const declared = singles('s3://b/r/', 5)
    const digests = [{ type: 'md5', checksum: 'aa' }] as const
    for (const { url } of declared) b.put(url, 'x', { digests })
    const { outputs } = await open(b).measurer.measure(expecting([...declared]), 10_000, NEVER)
    expect(outputs.map(one => one.digests)).toEqual(declared.map(() => digests))
    expect([b.asked[0], b.asked.length]).toEqual(['list s3://b/r/', 6])
  })

  it('are missing where the list has passed them, and directories where it has shown files below', async () => {
    const b = createMemoryObjects('b')
    const declared = ['a', 'dir', 'dir-2', 'gone', 'x'].map(name => ({ url: `s3://b/r/${name}`, path: `/out/${name}` }))
    for (const name of ['a', 'dir-2', 'dir.txt', 'dir/1', 'dir/2/3', 'x', 'other']) b.put(`s3://b/r/${name}`, name)
    const { outputs, warnings } = await open(b).measurer.measure(expecting(declared), 10_000, NEVER)
    expect(outputs.map(({ path }) => path)).toEqual(['/out/a', '/out/dir/1', '/out/dir/2/3', '/out/dir-2', '/out/x'])
    expect(warnings).toEqual(['Output /out/gone: there is nothing at s3://b/r/gone.'])
    expect(b.asked.filter(asked => asked.startsWith('list'))).toEqual(['list s3://b/r/'])
  })

  const spoilt: readonly (readonly [how: string, changes: (list: StoreQuestions['list']) => Partial<MemoryObjects>])[] = [
    ['tells no times', () => ({ lists: 'no-times' })],
    ['is not given', () => ({ lists: 'nothing' })],
    ['does not come', () => ({ list: neverListed })],
    ['is in no order', list => ({ list: inNoOrder(list) })],
  ]
  it.each(spoilt)('are asked for one by one where the list %s', async (_, changes) => {
    const b = createMemoryObjects('b')
    const declared = singles('s3://b/r/', 30)
    for (const { url } of declared) b.put(url, 'x')
    Object.assign(b, changes(b.list.bind(b)))
    const { outputs, warnings } = await open(b).measurer.measure(expecting([...declared]), 1_000, NEVER)
    expect([outputs.length, warnings]).toEqual([30, []])
  })

  it('are measured beside a directory whose list never ends', async () => {
    const b = createMemoryObjects('b')
    const single = ['a', 'z'].map(name => ({ url: `s3://b/${name}`, path: `/${name}` }))
    for (const { url } of single) b.put(url, 'x')
    let page = 0
    b.list = async below => {
      page += 1
      const objects = Array.from({ length: 1_000 }, (_, i) => ({
        url: `${below}${page}-${i}`,
        bytes: 1,
        digests: [],
        modifiedAt: Date.now(),
      }))
      return { outcome: 'found', value: { objects, next: String(page) } }
    }
    const { outputs, warnings } = await open(b).measurer.measure(expecting([FOLDER, ...single]), 60_000, NEVER)
    expect([outputs.length, outputs.slice(-2).map(({ path }) => path), warnings]).toEqual([
      MOST_OUTPUTS,
      ['/a', '/z'],
      [
        `2 more outputs are left out (2 of /out): of one task ${MOST_OUTPUTS} are kept, first those that were declared one by one.`,
        'Output /out: only the first files at s3://b/r are shown, for there are too many.',
      ],
    ])
  })

  it('are measured beside directories whose lists never come', async () => {
    const b = createMemoryObjects('b')
    b.put('s3://b/a', 'x')
    b.list = neverListed
    const folders = Array.from({ length: 40 }, (_, i) => ({ url: `s3://b/${i}`, path: `/out/${i}`, type: 'DIRECTORY' as const }))
    const { outputs, warnings } = await open(b).measurer.measure(expecting([...folders, { url: 's3://b/a', path: '/a' }]), 500, NEVER)
    expect([outputs.map(({ path }) => path), warnings.length]).toEqual([['/a'], 40])
  })

  it('on one directory ask for its list once', async () => {
    const b = createMemoryObjects('b')
    b.pageSize = 100
    for (const { url } of singles('s3://b/r/', 250)) b.put(url, 'x')
    const declared = Array.from({ length: 1_000 }, (_, i) => ({ ...FOLDER, path: `/out/${i}` }))
    const { outputs } = await open(b).measurer.measure(expecting(declared), 10_000, NEVER)
    expect([outputs.length, b.asked.length]).toEqual([250, 3])
  })

  it('keep what the pages before have told when a list breaks off', async () => {
    const b = createMemoryObjects('b')
    b.pageSize = 2
    for (const { url } of singles('s3://b/r/', 5)) b.put(url, 'x')
    const list = b.list.bind(b)
    b.list = async (...asked) => {
      const page = await list(...asked)
      b.fault = 'unreadable'
      return page
    }
    const { outputs, warnings } = await open(b).measurer.measure(expecting([FOLDER]), 10_000, NEVER)
    expect([outputs.length, warnings]).toEqual([
      2,
      ['Output /out: some files at s3://b/r could not be measured (its store answers what cannot be read), and so left out.'],
    ])
  })
})

describe('many ends at once at one store', () => {
  it('are measured whole, though their files could not be asked for one by one in the time', async () => {
    const b = createMemoryObjects('b')
    const ends = Array.from({ length: 100 }, (_, i) => singles(`s3://b/${i}/`, 100))
    for (const { url } of ends.flat()) b.put(url, 'x')
    const { measurer } = open(frugal(b, { answers: 200, listed: 100 }))
    const measured = await Promise.all(ends.map(declared => measurer.measure(expecting([...declared]), 600_000, NEVER)))
    expect(measured.filter(({ outputs, warnings }) => outputs.length === 100 && warnings.length === 0)).toHaveLength(100)
  })

  it('wait for a place for half of the time there is, and are looked at in the other half', async () => {
    const b = createMemoryObjects('b')
    const declared = singles('s3://b/', 17)
    for (const { url } of declared.slice(0, 16)) b.faults.set(url, 'server')
    b.put('s3://b/00016', 'x')
    const { measurer } = open(b)
    const measuring = declared.map(one => measurer.measure(expecting([one]), 1_000, NEVER))
    await expect.poll(() => b.asked.length).toBeGreaterThanOrEqual(16)
    expect(b.asked).not.toContain('head s3://b/00016')
    expect((await Promise.all(measuring)).map(({ outputs }) => outputs.length)).toEqual([...Array(16).fill(0), 1])
  })

  it('do not wait in line at a server that is down', async () => {
    const b = createMemoryObjects('b')
    b.fault = 'silence'
    const { measurer, health } = open(b)
    health.state = 'down'
    const measuring = Array.from({ length: 40 }, (_, i) => measurer.measure(expecting([{ url: `s3://b/${i}`, path: '/a' }]), 200, NEVER))
    await expect.poll(() => b.asked.length).toBe(40)
    expect((await Promise.all(measuring)).filter(({ warnings }) => warnings.length === 1)).toHaveLength(40)
  })
})
