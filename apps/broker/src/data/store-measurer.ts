/**
 * Measures outputs at the stores of declared locations: a HEAD for what is one object, a listing for what is a directory or a pattern, and for what
 * a listing tells no time of a HEAD again. A server that fails is asked again until the time is over; what is known by then is the answer.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  expandOutputs,
  isDeclaredAt,
  type ListedObject,
  type ListedOutput,
  type LocationId,
  MOST_OUTPUTS,
  type OutputExpectation,
  whatToList,
} from '@portolan/federation'
import type { ObjectFacts, ObjectStore, ObjectStores, StoreAnswer, StoreFailure } from './object-store.ts'
import type { DataObserver } from './observer.ts'
import type { OutputMeasurer } from './output-measurer.ts'

export interface StoreMeasurerOptions {
  readonly stores: Pick<ObjectStores, 'at'>
  readonly observer: Pick<DataObserver, 'measured'>
  /** ms since 1970. */
  readonly now: () => number
}

/** Questions at once about one task. */
const AT_ONCE = 16
/** What a site reports is looked at one by one where a server lists nothing. */
const MOST_REPORTED = 1_000
/** Between two tries, ms. */
const RETRY_MS = 250
const RETRY_MAX_MS = 2_000

export function createStoreMeasurer({ stores, observer, now }: StoreMeasurerOptions): OutputMeasurer {
  return {
    async measure(expected, withinMs, signal) {
      const begunAt = now()
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
      const byStore = Map.groupBy(expected.declared.entries(), ([, { url }]) => stores.at(url))
      const listed: ListedOutput[] = []
      const room = { left: MOST_OUTPUTS }
      // A store that does not answer keeps no other waiting.
      const looking = [...byStore].map(([store, outputs]) =>
        mapSome(outputs, async ([at, output]) => {
          listed[at] = store === undefined ? { outcome: 'undeclared' } : await lookUp(store, output, expected, room, deadline)
        }),
      )
      await Promise.all(looking)
      signal.throwIfAborted()
      const measured = expandOutputs(expected, listed)
      observer.measured(outcomeOf(measured.outputs.length, measured.warnings.length), now() - begunAt)
      return measured
    },
  }
}

type Declared = OutputExpectation['declared'][number]

/** How many objects may still be listed for the task. */
interface Room {
  left: number
}

async function lookUp(
  store: ObjectStore,
  output: Declared,
  expected: OutputExpectation,
  room: Room,
  deadline: AbortSignal,
): Promise<ListedOutput> {
  const { object, below } = whatToList(output)
  if (object !== undefined) {
    const answer = await persist(() => store.head(object, deadline), deadline)
    if (answer.outcome === 'found') return listed(store.location, [answer.value])
    if (answer.outcome === 'failed') return unmeasured(answer.failure, deadline)
    if (below === undefined) return listed(store.location, [])
  }
  if (below === undefined) return { outcome: 'unmeasured', why: 'an address with a query cannot be listed' }
  return listBelow(store, below, output, expected, object !== undefined, room, deadline)
}

async function listBelow(
  store: ObjectStore,
  below: string,
  output: Declared,
  expected: OutputExpectation,
  isFile: boolean,
  room: Room,
  deadline: AbortSignal,
): Promise<ListedOutput> {
  if (room.left <= 0) return listed(store.location, [], true)
  const objects: ObjectFacts[] = []
  let mark: string | undefined
  do {
    const from = mark === undefined ? undefined : { mark }
    const page = await persist(() => store.list(below, from, deadline), deadline)
    if (page.outcome === 'failed') {
      // A server that has listed something has lists.
      if (page.failure.kind === 'unsupported' && from === undefined) return headReported(store, output, expected, isFile, deadline)
      return unmeasured(page.failure, deadline)
    }
    if (page.outcome !== 'found') break
    objects.push(...page.value.objects)
    room.left -= page.value.objects.length
    mark = page.value.next
  } while (mark !== undefined && room.left > 0)
  const untimed = objects.filter(({ modifiedAt }) => modifiedAt === undefined).map(({ url }) => url)
  const looked = untimed.length === 0 ? [] : await headAll(store, untimed, deadline)
  if (looked === undefined) return { outcome: 'unmeasured', why: WHY.timeout }
  const known = new Map(looked.map(one => [one.url, one]))
  return listed(
    store.location,
    objects.map(one => known.get(one.url) ?? one),
    mark !== undefined,
  )
}

/** A server that lists nothing is asked for what the site says is there; of what was declared as a file nothing else is expected. */
async function headReported(
  store: ObjectStore,
  output: Declared,
  { reported }: OutputExpectation,
  isFile: boolean,
  deadline: AbortSignal,
): Promise<ListedOutput> {
  const urls = reported.map(({ url }) => url).filter(url => isDeclaredAt(output, url))
  if (urls.length === 0 && !isFile) return { outcome: 'unmeasured', why: 'its store lists no directories' }
  const found = await headAll(store, urls.slice(0, MOST_REPORTED), deadline)
  return found === undefined ? { outcome: 'unmeasured', why: WHY.timeout } : listed(store.location, found, urls.length > MOST_REPORTED)
}

/** Those that are there; undefined if that is not known of all of them. */
async function headAll(store: ObjectStore, urls: readonly string[], deadline: AbortSignal): Promise<readonly ObjectFacts[] | undefined> {
  const answers = await mapSome(urls, url => persist(() => store.head(url, deadline), deadline))
  if (answers.some(({ outcome }) => outcome === 'failed')) return undefined
  return answers.flatMap((answer, at) => (answer.outcome === 'found' ? [{ ...answer.value, url: urls[at] ?? answer.value.url }] : []))
}

/** Asks again what may be answered better a little later. */
async function persist<T>(ask: () => Promise<StoreAnswer<T>>, deadline: AbortSignal): Promise<StoreAnswer<T>> {
  for (let waitMs = RETRY_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MAX_MS)) {
    const answer = deadline.aborted ? LATE : await ask()
    if (deadline.aborted || answer.outcome !== 'failed' || !MAY_PASS.has(answer.failure.kind)) return answer
    await sleep(waitMs, undefined, { signal: deadline }).catch(() => undefined)
  }
}

const MAY_PASS: ReadonlySet<StoreFailure['kind']> = new Set(['unreachable', 'timeout', 'busy', 'server'])
const LATE = { outcome: 'failed', failure: { kind: 'timeout', detail: 'There was no time left.' } } as const

function listed(location: LocationId, objects: readonly ObjectFacts[], cut = false): ListedOutput {
  return { outcome: 'listed', location, cut, objects: objects.map(toListed) }
}

/** What says no more than which version it is stands as `etag` already. */
function toListed({ url, bytes, etag, modifiedAt, digests }: ObjectFacts): ListedObject {
  return { url, bytes, etag, modifiedAt, ...(digests.length > 0 && { digests }) }
}

const WHY: Readonly<Record<StoreFailure['kind'], string>> = {
  unreachable: 'its store cannot be reached',
  timeout: 'its store did not answer in time',
  auth: 'its store does not let the broker look',
  busy: 'its store is too busy',
  server: 'its store failed',
  unreadable: 'its store answers what cannot be read',
  unsupported: 'its store cannot be asked',
}

/** A store that does not let the broker look is as one that it does not know: it can hand out nothing from there either. */
function unmeasured({ kind }: StoreFailure, deadline: AbortSignal): ListedOutput {
  if (kind === 'auth') return { outcome: 'undeclared' }
  return { outcome: 'unmeasured', why: deadline.aborted ? WHY.timeout : WHY[kind] }
}

function outcomeOf(outputs: number, warnings: number): 'whole' | 'partly' | 'nothing' {
  if (warnings === 0) return 'whole'
  return outputs === 0 ? 'nothing' : 'partly'
}

/** In the order of the items, so many at once. */
async function mapSome<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  let next = 0
  const work = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at]
      if (item !== undefined) results[at] = await act(item)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work))
  return results
}
