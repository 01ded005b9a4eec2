/**
 * A store as others get it: it is asked for what its own location declares alone, whatever the server would give for the location's credential; each
 * answer counts for the health of the location and in the metrics; and all that is under way ends with the broker.
 */
import type { LocationHealth } from './location-health.ts'
import type { ListedPage, ObjectStore, ObjectUploads, StoreAnswer, StoreQuestions } from './object-store.ts'
import type { DataObserver, StoreOperation } from './observer.ts'
import { unsupported } from './store-failure.ts'

export interface WatchedStoreParts {
  readonly store: ObjectStore
  /** Whether a URL falls under a prefix of this location, and under no longer one of another. */
  readonly covers: (url: string) => boolean
  readonly health: LocationHealth
  readonly observer: DataObserver
  /** Ends with the broker. */
  readonly closing: AbortSignal
  /** ms since 1970. */
  readonly now: () => number
}

type Send<T> = (signal: AbortSignal) => Promise<StoreAnswer<T>>

export function watchStore(parts: WatchedStoreParts): ObjectStore {
  const { store, covers } = parts
  const { location, uploads, linkTo } = store
  const ask = createWatch(parts)
  return {
    location,
    ...watchQuestions(store, ask, covers),
    inTurn: turn => watchQuestions(store.inTurn(turn), ask, covers),
    read: (url, range, etag, signal) => ask('read', url, signal, all => store.read(url, range, etag, all)),
    ...(uploads && { uploads: watchUploads(uploads, ask, covers) }),
    ...(linkTo && {
      async linkTo(url: string, lifeMs: number) {
        refuseOthers(covers, url)
        return linkTo(url, boundLife(lifeMs))
      },
    }),
  }
}

function watchQuestions(questions: StoreQuestions, ask: Watch, covers: (url: string) => boolean): StoreQuestions {
  return {
    head: (url, signal) => ask('head', url, signal, all => questions.head(url, all)),
    async list(below, from, signal, most) {
      const page = await ask('list', below, signal, all => questions.list(below, from, all, most))
      return page.outcome === 'found' ? { ...page, value: keepCovered(page.value, covers) } : page
    },
  }
}

type Watch = <T>(operation: StoreOperation, url: string, signal: AbortSignal, send: Send<T>) => Promise<StoreAnswer<T>>

function createWatch({ store: { location }, covers, health, observer, closing, now }: WatchedStoreParts): Watch {
  return async (operation, url, signal, send) => {
    if (!covers(url)) return unsupported('it lies below no prefix of this location')
    const began = now()
    const all = AbortSignal.any([signal, closing])
    const answer = await send(all)
    const failure = answer.outcome === 'failed' ? answer.failure : undefined
    // Whoever gives up early has learned nothing of the server.
    if (all.aborted) return answer
    health.record(location, failure)
    observer.asked(location, operation, now() - began, failure?.kind)
    return answer
  }
}

function watchUploads(uploads: ObjectUploads, ask: Watch, covers: (url: string) => boolean): ObjectUploads {
  const { linkTo, mostParts } = uploads
  return {
    mostParts,
    begin: (url, signal) => ask('upload', url, signal, all => uploads.begin(url, all)),
    parts: (upload, signal) => ask('upload', upload.url, signal, all => uploads.parts(upload, all)),
    async write(upload, part, body, bytes, signal) {
      const source = watchSource(body)
      const answer = await ask('upload', upload.url, signal, async all => {
        const said = await uploads.write(upload, part, source.body, bytes, all)
        return said.outcome === 'failed' && source.hasFailed() ? SOURCE_FAILED : said
      })
      if (!source.body.locked) await source.body.cancel()
      return answer
    },
    complete: (upload, parts, replace, signal) => ask('upload', upload.url, signal, all => uploads.complete(upload, parts, replace, all)),
    abort: (upload, signal) => ask('upload', upload.url, signal, all => uploads.abort(upload, all)),
    ...(linkTo && {
      async linkTo(upload, part, bytes, lifeMs) {
        refuseOthers(covers, upload.url)
        return linkTo(upload, part, bytes, boundLife(lifeMs))
      },
    }),
  }
}

/** Whoever sends a part and stands still, or hangs up, says nothing of the server that it was to go to. */
const SOURCE_FAILED: StoreAnswer<never> = {
  outcome: 'failed',
  failure: { kind: 'unsupported', detail: 'its sender did not send all of it' },
}

/** The same bytes, and whether they broke off where they came from. */
function watchSource(from: ReadableStream<Uint8Array>): { readonly body: ReadableStream<Uint8Array>; readonly hasFailed: () => boolean } {
  const reader = from.getReader()
  let failed = false
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          failed = true
          controller.error(error)
        }
      },
      cancel: reason => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  return { body, hasFailed: () => failed }
}

/** What lies in the folder under the rules of another location is shown by nobody but that one. A key with a query in it is no name of an object. */
function keepCovered({ objects, next }: ListedPage, covers: (url: string) => boolean): ListedPage {
  const shown = objects.filter(({ url }) => !url.includes('?') && covers(url))
  const left = objects.length - shown.length
  return { objects: shown, ...(left > 0 && { left }), ...(next !== undefined && { next }) }
}

function refuseOthers(covers: (url: string) => boolean, url: string): void {
  if (!covers(url)) throw new TypeError('A link opens what its own location declares')
}

const LEAST_LIFE_MS = 15_000
const MOST_LIFE_MS = 7 * 24 * 3_600_000

function boundLife(ms: number): number {
  return Math.min(Math.max(ms, LEAST_LIFE_MS), MOST_LIFE_MS)
}
