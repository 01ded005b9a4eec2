/**
 * Links from the stores of locations: one for each object, made anew each time, for nobody but the one who asks.
 */
import { setImmediate as letOthers } from 'node:timers/promises'
import type { LinkWish, LocationId } from '@portolan/federation'
import PQueue from 'p-queue'
import type { Links, StagedAnswer } from './links.ts'
import type { ListFrom, ObjectFacts, ObjectLink, ObjectStore, ObjectStores, StoreAnswer, StoreFailure } from './object-store.ts'
import type { DataObserver } from './observer.ts'

/** Finds the address at which the bytes of a DRS object can be had now: a secret where it is signed. */
export interface DrsAccess {
  /** For the place that was chosen, and for no other. */
  resolve(wish: LinkWish, signal: AbortSignal): Promise<DrsAddress>
}

/** `endsAt`: as of a staged answer. `moved`: the bytes lie where nobody has looked at the rules; the next placement does. */
export type DrsAddress =
  | { readonly url: string; readonly endsAt?: number | undefined }
  | { readonly moved: true }
  | { readonly failure: StoreFailure }

export interface StoreLinksOptions {
  readonly stores: ObjectStores
  readonly observer: Pick<DataObserver, 'linked'>
  /** Absent: what lies at DRS servers gets no links. */
  readonly drs?: DrsAccess | undefined
}

/** A person fetches at once; whoever is cut off asks for another. */
const PERSON_LIFE_MS = 15 * 60_000
const MOST_FILES = 1_000
/** Of which some may hold nothing that is to be linked. */
const MOST_PAGES = 10
/** Signing takes the processor, not the network: others get their turn between. */
const LINKS_AT_A_TIME = 50
/** What one task has listed at a time is held in memory. */
const LISTS_AT_ONCE = 8

/** What one task may still have in links. */
interface Room {
  readonly mostBytes: number
  left: number
}

export function createLinks({ stores, observer, drs }: StoreLinksOptions): Links {
  async function linkFile(wish: LinkWish, room: Room, signal: AbortSignal): Promise<StagedAnswer> {
    const { path, url, location, lifeMs } = wish
    const over = findEnd(room, signal)
    if (over !== undefined) return { outcome: 'failed', path, failure: over }
    if (drs && /^drs:/i.test(url)) {
      const found = await drs.resolve(wish, signal)
      if ('failure' in found) return { outcome: 'failed', path, failure: found.failure }
      if ('moved' in found) return { outcome: 'moved', path }
      take(room, path, found.url)
      const { url: address, endsAt } = found
      return { outcome: 'staged', input: { path, files: [{ path, url: address }] }, foreign: true, ...(endsAt !== undefined && { endsAt }) }
    }
    const linkTo = stores.byLocation.get(location)?.linkTo
    if (linkTo === undefined) return cannot(path, `the location ${location} knows no links`)
    const link = await attempt(linkTo, url, lifeMs)
    if (link === undefined) return cannot(path, `no link can be made at the location ${location}`)
    observer.linked(location, 'staging')
    take(room, path, link.url)
    return staged(path, [{ path, url: link.url }])
  }

  async function linkDirectory(wish: LinkWish, room: Room, signal: AbortSignal): Promise<StagedAnswer> {
    const { path, location, lifeMs } = wish
    const store = stores.byLocation.get(location)
    const linkTo = store?.linkTo
    if (store === undefined || linkTo === undefined) return cannot(path, `the location ${location} knows no links`)
    const early = findEnd(room, signal)
    if (early !== undefined) return { outcome: 'failed', path, failure: early }
    const below = wish.url.endsWith('/') ? wish.url : `${wish.url}/`
    const listed = await listAll(store, below, signal)
    if (listed.outcome === 'missing' || listed.outcome === 'changed') return cannot(path, 'nothing is there')
    if (listed.outcome === 'failed') return { outcome: 'failed', path, failure: listed.failure }
    const files: { path: string; url: string }[] = []
    for (const [at, { url }] of listed.value.entries()) {
      if (at % LINKS_AT_A_TIME === 0) await letOthers()
      const over = findEnd(room, signal)
      if (over !== undefined) return { outcome: 'failed', path, failure: over }
      const link = await attempt(linkTo, url, lifeMs)
      if (link === undefined) return cannot(path, `no link can be made at the location ${location}`)
      observer.linked(location, 'staging')
      const file = { path: `${path.replace(/\/+$/, '')}/${relativePath(below, url)}`, url: link.url }
      take(room, file.path, file.url)
      files.push(file)
    }
    return files.length === 0 ? cannot(path, 'nothing is there') : staged(path, files)
  }

  return {
    async stage(wishes, mostBytes, signal) {
      const room: Room = { mostBytes, left: mostBytes }
      const lists = new PQueue({ concurrency: LISTS_AT_ONCE })
      const answers: Promise<StagedAnswer>[] = []
      for (const [at, wish] of wishes.entries()) {
        if (at % LINKS_AT_A_TIME === 0) await letOthers()
        answers.push(wish.directory ? lists.add(() => linkDirectory(wish, room, signal)) : linkFile(wish, room, signal))
      }
      return Promise.all(answers)
    },
    async forPerson(location: LocationId, url: string) {
      const linkTo = stores.byLocation.get(location)?.linkTo
      const link = linkTo && (await attempt(linkTo, url, PERSON_LIFE_MS))
      if (link) observer.linked(location, 'person')
      return link
    },
  }
}

/** Why no more links are made: what is made of them by now is more than the site takes, or nobody waits any longer. */
function findEnd({ mostBytes, left }: Room, { aborted }: AbortSignal): StoreFailure | undefined {
  if (left < 0)
    return {
      kind: 'unsupported',
      detail: `the links of all inputs are longer than the ${mostBytes} bytes that a document for its site may have`,
    }
  return aborted ? { kind: 'timeout', detail: 'there was no time left' } : undefined
}

/** Both stand in the document, among other words. */
function take(room: Room, path: string, url: string): void {
  room.left -= path.length + url.length
}

/** Undefined for what no link can open. */
async function attempt(linkTo: NonNullable<ObjectStore['linkTo']>, url: string, lifeMs: number): Promise<ObjectLink | undefined> {
  return await linkTo(url, lifeMs).catch(() => undefined)
}

/** A task that gets some of a directory would take it for the whole. */
const LEFT: StoreAnswer<never> = {
  outcome: 'failed',
  failure: { kind: 'unsupported', detail: 'it holds objects for which other rules hold, or whose names are no paths' },
}

/** Everything below a folder, where that is no more than may be linked. */
async function listAll(store: ObjectStore, below: string, signal: AbortSignal): Promise<StoreAnswer<readonly ObjectFacts[]>> {
  const all: ObjectFacts[] = []
  let from: ListFrom | undefined
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await store.list(below, from, signal)
    if (page.outcome !== 'found') return page
    if (page.value.left !== undefined) return LEFT
    all.push(...page.value.objects)
    if (all.length > MOST_FILES) break
    if (page.value.next === undefined) return { outcome: 'found', value: all }
    from = { mark: page.value.next }
  }
  const detail = `it holds more than ${MOST_FILES} files, too many to make a link for each`
  return { outcome: 'failed', failure: { kind: 'unsupported', detail } }
}

/** Web addresses are coded, and names of files in a container are not. */
function relativePath(below: string, url: string): string {
  const rest = url.slice(below.length)
  return /^https?:/i.test(url) ? decodeURIComponent(rest) : rest
}

function staged(path: string, files: readonly { readonly path: string; readonly url: string }[]): StagedAnswer {
  return { outcome: 'staged', input: { path, files } }
}

function cannot(path: string, detail: string): StagedAnswer {
  return { outcome: 'failed', path, failure: { kind: 'unsupported', detail } }
}
