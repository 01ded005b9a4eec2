/**
 * An object store in memory for tests: objects by URL, which a test puts there, and faults that it asks for. It notes what it was asked.
 */
import { createHash } from 'node:crypto'
import type { LocationId } from '@portolan/federation'
import type { ObjectFacts, ObjectStore, OpenedObject, StoreAnswer, StoreFailure } from '../src/data/object-store.ts'

export interface MemoryObjects extends ObjectStore {
  readonly asked: string[]
  /** How many reads have not been read to their end or ended. */
  readonly open: () => number
  put(url: string, bytes: Uint8Array | string, changes?: Partial<Pick<ObjectFacts, 'modifiedAt' | 'etag' | 'digests'>>): void
  remove(url: string): void
  /** What it answers in place of the truth; `silence`: nothing until the signal ends it. */
  fault: StoreFailure['kind'] | 'silence' | undefined
  /** What it sends of a part that was asked for, in place of the truth. */
  sends: (part: Uint8Array) => Uint8Array
  /** How many objects a page of a listing holds. */
  pageSize: number
  /** Listings that tell no sums, no times, or nothing at all. */
  lists: 'all' | 'no-sums' | 'no-times' | 'nothing'
  /** What it answers for single objects in place of the truth. */
  readonly faults: Map<string, StoreFailure['kind']>
}

interface Kept {
  readonly content: Uint8Array
  readonly facts: ObjectFacts
}

export function createMemoryObjects(location: string, choices: { readonly links?: boolean } = {}): MemoryObjects {
  const objects = new Map<string, Kept>()
  let open = 0

  async function answer<T>(what: string, signal: AbortSignal, value: () => StoreAnswer<T>): Promise<StoreAnswer<T>> {
    store.asked.push(what)
    if (store.fault === 'silence') await ended(signal)
    if (signal.aborted) return failed('timeout')
    return store.fault === undefined || store.fault === 'silence' ? value() : failed(store.fault)
  }

  const store: MemoryObjects = {
    location: location as LocationId,
    asked: [],
    open: () => open,
    fault: undefined,
    faults: new Map(),
    sends: part => part,
    pageSize: 1_000,
    lists: 'all',
    put(url, bytes, changes = {}) {
      const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
      const etag = `"${createHash('md5').update(content).digest('hex')}"`
      objects.set(url, { content, facts: { url, bytes: content.length, digests: [], etag, modifiedAt: Date.now(), ...changes } })
    },
    remove: url => void objects.delete(url),
    inTurn: () => store,
    head: (url, signal) =>
      answer<ObjectFacts>(`head ${url}`, signal, () => {
        const [kept, fault] = [objects.get(url), store.faults.get(url)]
        if (fault !== undefined) return failed(fault)
        return kept ? { outcome: 'found', value: kept.facts } : { outcome: 'missing' }
      }),
    list: (below, from, signal) =>
      answer(`list ${below}`, signal, () => {
        if (store.lists === 'nothing') return failed('unsupported')
        const after = from === undefined ? '' : 'mark' in from ? `${below}${from.mark}` : from.after
        const rest = [...objects.keys()].filter(url => url.startsWith(below) && url > after).sort()
        const page = rest.slice(0, store.pageSize)
        const facts = page.flatMap(url => objects.get(url)?.facts ?? [])
        const shown = facts.map(one => ({
          ...one,
          ...(store.lists === 'no-times' && { modifiedAt: undefined }),
          ...(store.lists === 'no-sums' && { digests: [] }),
        }))
        const next = rest.length > page.length ? page.at(-1)?.slice(below.length) : undefined
        return { outcome: 'found', value: { objects: shown, next } }
      }),
    read: (url, range, etag, signal) =>
      answer<OpenedObject>(`read ${url}`, signal, () => {
        const kept = objects.get(url)
        if (!kept) return { outcome: 'missing' }
        if (etag !== undefined && etag !== kept.facts.etag) return { outcome: 'changed' }
        const { first = 0, last = kept.content.length - 1 } = range ?? {}
        const part = kept.content.subarray(first, last + 1)
        const bytes = streamOf(store.sends(part), signal)
        return { outcome: 'found', value: { bytes, length: part.length, total: kept.content.length, from: first, etag: kept.facts.etag } }
      }),
    ...(choices.links && {
      linkTo: async (url: string, lifeMs: number) => ({ url: `${url}?signed`, expiresAt: Date.now() + lifeMs }),
    }),
  }

  /** In pieces of 64 KiB, no sooner than they are asked for. */
  function streamOf(part: Uint8Array, signal: AbortSignal): ReadableStream<Uint8Array> {
    open += 1
    let at = 0
    let done = false
    const end = (): void => {
      if (!done) open -= 1
      done = true
    }
    return new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (signal.aborted) {
            end()
            controller.error(signal.reason)
            return
          }
          const next = part.subarray(at, at + 65_536)
          at += next.length
          if (next.length > 0) controller.enqueue(next)
          if (at >= part.length) {
            end()
            controller.close()
          }
        },
        cancel: end,
      },
      { highWaterMark: 0 },
    )
  }
  return store
}

function failed(kind: StoreFailure['kind']): { readonly outcome: 'failed'; readonly failure: StoreFailure } {
  return { outcome: 'failed', failure: { kind, detail: `The store of the test is ${kind}.` } }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
