/**
 * Asks the object store of a location how large things are. Files of one folder are looked up in its list where the server has such lists and they
 * are many; the others, and what a list does not show, one by one, sixteen at once. A directory is the sum of what is listed below it.
 */
import PQueue from 'p-queue'
import { groupByFolder, keyOf, listAfter, type SizeGroup } from './group-sizes.ts'
import type { LocationHealth } from './location-health.ts'
import type { ListedPage, ListFrom, ObjectFacts, ObjectStore, StoreAnswer } from './object-store.ts'
import type { Measured } from './size-cache.ts'
import type { SizeAsked, SizeAsker } from './sizes.ts'

export interface StoreSizesOptions {
  readonly store: ObjectStore
  readonly health: LocationHealth
  /** `keys`: as S3 has it: a folder is what its keys begin with, and one list holds all below it. `folders`: a folder is there also while it is empty. */
  readonly lists: 'keys' | 'folders'
}

const HOUR_MS = 3_600_000
const AT_ONCE = 16
const MOST_WAITING = 50_000
/** Fewer are asked for one by one. */
const FEWEST_TO_LIST = 4
const MOST_PAGES = 10
const MOST_PAGES_OF_GROUP = 2
const MOST_LISTS = 4
const FULL_PAGE = 1000

interface Waiting {
  readonly url: string
  readonly settle: (measured: Measured) => void
}

export function createStoreSizes({ store, health, lists }: StoreSizesOptions): SizeAsker {
  const queue = new PQueue({ concurrency: AT_ONCE })

  /** Undefined: it is left in peace. */
  async function ask<T>(send: () => Promise<StoreAnswer<T>>): Promise<StoreAnswer<T> | undefined> {
    return health.may(store.location) ? send() : undefined
  }

  const list = (...asked: Parameters<ObjectStore['list']>): Promise<StoreAnswer<ListedPage> | undefined> => ask(() => store.list(...asked))

  async function measureFile(url: string, signal: AbortSignal): Promise<Measured> {
    const answer = await ask(() => store.head(url, signal))
    if (answer?.outcome === 'missing') return 'missing'
    return answer?.outcome === 'found' ? { bytes: answer.value.bytes, files: 1 } : 'unknown'
  }

  async function measureDirectory(url: string, signal: AbortSignal): Promise<Measured> {
    const below = url.endsWith('/') ? url : `${url}/`
    let [bytes, files] = [0, 0]
    let mark: string | undefined
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await list(below, mark === undefined ? undefined : { mark }, signal)
      if (answer?.outcome === 'missing') return 'missing'
      if (answer?.outcome !== 'found') return 'unknown'
      for (const object of answer.value.objects) bytes += object.bytes
      files += answer.value.objects.length
      mark = answer.value.next
      if (mark !== undefined) continue
      if (files === 0 && lists === 'keys') return 'missing'
      return Number.isSafeInteger(bytes) ? { bytes, files } : 'unknown'
    }
    return 'unknown'
  }

  /** Settles what the list of the folder tells; answers what it does not show, which may be there all the same: not every server lists by key. */
  async function lookUp({ folder, wanted }: SizeGroup<Waiting>, pages: number, signal: AbortSignal): Promise<readonly Waiting[]> {
    const left = Map.groupBy(wanted, ({ url }) => keyOf(url))
    const [first, last] = [wanted[0], wanted.at(-1)]
    if (first === undefined || last === undefined) return []
    const most = Math.min(FULL_PAGE, 2 * wanted.length)
    const after = listAfter(folder, first.url)
    let from: ListFrom | undefined = after === undefined ? undefined : { after }
    for (let page = 0; page < pages; page++) {
      const answer = await list(folder, from, signal, most)
      if (answer?.outcome === 'failed' && isAnswer(answer)) break
      if (answer?.outcome !== 'found') return settleAll([...left.values()].flat(), 'unknown')
      const { objects, next } = answer.value
      settleFound(left, objects)
      if (next === undefined || isPast(objects, last.url)) break
      from = { mark: next }
    }
    return [...left.values()].flat()
  }

  async function measureFiles(files: readonly Waiting[], signal: AbortSignal): Promise<void> {
    const { groups, single } = lists === 'keys' ? groupByFolder(files, FEWEST_TO_LIST) : { groups: [], single: files }
    const pages = groups.length * MOST_PAGES_OF_GROUP <= MOST_LISTS ? MOST_PAGES_OF_GROUP : 1
    const listed = groups.slice(0, MOST_LISTS)
    const each = (waiting: readonly Waiting[]): void => {
      for (const { url, settle } of waiting) enqueue(() => measureFile(url, signal), settle)
    }
    each([...single, ...groups.slice(MOST_LISTS).flatMap(({ wanted }) => wanted)])
    await Promise.all(listed.map(async group => each(await lookUp(group, pages, signal))))
  }

  function enqueue(work: () => Promise<Measured>, settle: (measured: Measured) => void): void {
    if (queue.size >= MOST_WAITING) settle('unknown')
    else void queue.add(async () => settle(await work().catch(() => 'unknown' as const)))
  }

  return {
    lifeOf: asked => (isDirectory(asked) ? HOUR_MS : 24 * HOUR_MS),
    measure(batch, signal) {
      const files: Waiting[] = []
      const answers = batch.map(asked => {
        const { promise, resolve } = Promise.withResolvers<Measured>()
        if (isDirectory(asked)) enqueue(() => measureDirectory(asked.url, signal), resolve)
        else files.push({ url: asked.url, settle: resolve })
        return promise
      })
      measureFiles(files, signal).catch(() => settleAll(files, 'unknown'))
      return answers
    },
  }
}

/** A directory has no query. */
function isDirectory({ url, directory }: SizeAsked): boolean {
  return (directory || url.endsWith('/')) && !url.includes('?')
}

/** The server has answered, though not with a list: its objects may be shown all the same. */
function isAnswer({ failure }: Extract<StoreAnswer<never>, { readonly outcome: 'failed' }>): boolean {
  return failure.kind === 'auth' || failure.kind === 'unsupported' || failure.kind === 'unreadable'
}

function settleFound(left: Map<string, readonly Waiting[]>, objects: readonly ObjectFacts[]): void {
  for (const { url, bytes } of objects) {
    const key = keyOf(url)
    settleAll(left.get(key) ?? [], { bytes, files: 1 })
    left.delete(key)
  }
}

function settleAll(waiting: readonly Waiting[], measured: Measured): readonly Waiting[] {
  for (const { settle } of waiting) settle(measured)
  return []
}

/** Whether a page that is in the order of the bytes has come to the object. */
function isPast(page: readonly ObjectFacts[], url: string): boolean {
  const shown = page.at(-1)
  return shown !== undefined && Buffer.compare(Buffer.from(keyOf(shown.url)), Buffer.from(keyOf(url))) >= 0
}
