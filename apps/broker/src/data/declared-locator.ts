/**
 * The locator of declared locations: the prefix says where, the location's server says how much, and what is not known in time is assumed. A server that
 * has let a placement wait in vain is not waited for again until it has answered.
 */
import type { LinkSource, LocationId, Replica } from '@portolan/federation'
import type { ConfiguredLocation } from '../config.ts'
import { ASSUMED_SIZE, type Located, type Locator } from './locator.ts'
import type { DataObserver } from './observer.ts'
import { createPrefixLocator, type Place } from './prefix-locator.ts'
import { createSizeCache, type Measured } from './size-cache.ts'
import type { SizeAsked, SizeAsker } from './sizes.ts'

export interface DeclaredLocatorOptions {
  readonly locations: readonly ConfiguredLocation[]
  /** Those of the locations whose servers can be asked. */
  readonly askers: ReadonlyMap<LocationId, SizeAsker>
  readonly observer: DataObserver
  /** ms since 1970. */
  readonly now: () => number
}

/** Disposed, it ends what is under way. */
export interface DeclaredLocator extends Locator, Disposable {
  /** The bytes of a file, as far as they were thought to lie at `from`, lie at `to`. */
  learn(url: string, from: LinkSource, to: Replica): void
}

/** One input that is being found out. */
interface Open {
  readonly at: number
  readonly key: string
  readonly location: LocationId
  readonly answer: Promise<Measured>
}

export function createDeclaredLocator({ locations, askers, observer, now }: DeclaredLocatorOptions): DeclaredLocator {
  const findPlace = createPrefixLocator(locations)
  const cache = createSizeCache(now)
  const closing = new AbortController()
  const late = new LateAnswers()

  /** Asks for what is neither known nor being asked, all of one location together. */
  function askFor(wanted: readonly (SizeAsked & { readonly key: string; readonly location: LocationId })[]): void {
    for (const [location, all] of Map.groupBy(wanted, one => one.location)) {
      const asker = askers.get(location)
      const batch = [...new Map(all.map(one => [one.key, one])).values()]
      const answers = asker?.measure(batch, closing.signal) ?? []
      for (const [at, asked] of batch.entries()) {
        const answer = answers[at]
        if (asker === undefined || answer === undefined) continue
        void cache.keep(asked.key, answer, asker.lifeOf(asked)).then(measured => {
          if (measured !== 'unknown') late.answered(location)
        })
      }
    }
  }

  /** What is known, and what is being found out; asks nobody without a budget. */
  function look(inputs: readonly SizeAsked[], places: readonly (Place | undefined)[], budgetMs: number) {
    const measured: Measured[] = inputs.map(() => 'unknown')
    const wanted = inputs.flatMap((asked, at) => {
      const location = places[at]?.location.location.id
      if (location === undefined || !askers.has(location)) return []
      const key = keyOf(asked)
      const known = cache.peek(key)
      measured[at] = known ?? 'unknown'
      return known === undefined ? [{ ...asked, at, key, location }] : []
    })
    if (budgetMs > 0) askFor(wanted.filter(({ key }) => cache.asking(key) === undefined))
    const open = wanted.flatMap(({ at, key, location }): Open[] => {
      const answer = cache.asking(key)
      return answer ? [{ at, key, location, answer }] : []
    })
    return { measured, open }
  }

  return {
    find: url => findPlace(url)?.replicas ?? [],
    async locate(inputs, budgetMs, patient) {
      const began = now()
      const places = inputs.map(({ url }) => findPlace(url))
      const { measured, open } = look(inputs, places, budgetMs)
      const awaited = budgetMs > 0 ? open.filter(one => patient !== undefined || !late.has(one)) : []
      const left = new Set(awaited)
      const answering = new Set<LocationId>()
      const filled = awaited.map(async one => {
        measured[one.at] = await one.answer
        left.delete(one)
        answering.add(one.location)
      })
      if (filled.length > 0) await withinBudget(Promise.all(filled), budgetMs, patient)
      for (const one of left) if (!answering.has(one.location)) late.add(one)
      const located = places.map((place, at) => describe(place, measured[at] ?? 'unknown'))
      if (budgetMs > 0) tell(observer, located, now() - began)
      return located
    },
    learn(url, from, to) {
      cache.change(keyOf({ url, directory: false }), size => ({
        ...size,
        replicas: size.replicas?.map(one => (isAt(one, from) ? to : one)),
      }))
    },
    [Symbol.dispose]() {
      closing.abort(new Error('The broker is closing'))
    },
  }
}

function keyOf({ url, directory }: SizeAsked): string {
  return `${directory ? 'directory' : 'file'} ${spellOnce(url)}`
}

function isAt({ location, url, at, link }: Replica, from: LinkSource): boolean {
  return link === true && location === from.location && url === from.url && at === from.at
}

/** So many files that are late say of a server that it is, and not of the files. */
const LATE_FILES = 2

/** What placements have waited for in vain, until it is there. With two files all files of their location are late, until its server has answered anything. */
class LateAnswers {
  readonly #keys = new Set<string>()
  readonly #files = new Map<LocationId, Set<string>>()

  has({ key, location }: Open): boolean {
    return this.#keys.has(key) || (isFile(key) && (this.#files.get(location)?.size ?? 0) >= LATE_FILES)
  }

  add({ key, location, answer }: Open): void {
    if (this.#keys.has(key)) return
    this.#keys.add(key)
    if (isFile(key)) {
      const files = this.#files.get(location) ?? new Set()
      this.#files.set(location, files.add(key))
    }
    void answer.then(() => {
      this.#keys.delete(key)
      this.#files.get(location)?.delete(key)
    })
  }

  /** Its server lives: what is late there is late for itself. */
  answered(location: LocationId): void {
    this.#files.delete(location)
  }
}

function isFile(key: string): boolean {
  return key.startsWith('file ')
}

/** The same text for all spellings of a web address that every server takes for one. In the URL of a bucket an escape is three characters of the key. */
function spellOnce(url: string): string {
  const web = /^https?:/i.test(url) ? URL.parse(url)?.href : undefined
  return web?.replace(/%[0-9a-f]{2}/gi, spellEscape) ?? url
}

/** What never needs an escape is written without one (RFC 3986, 6.2.2.2). */
function spellEscape(escaped: string): string {
  const plain = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
  return /[A-Za-z0-9._~-]/.test(plain) ? plain : escaped.toUpperCase()
}

/** Waits no longer than the budget. What goes on then fills the cache for the next time. */
async function withinBudget(work: Promise<unknown>, budgetMs: number, signal?: AbortSignal): Promise<void> {
  const budget = Promise.withResolvers<void>()
  const end = (): void => budget.resolve()
  const timer = setTimeout(end, budgetMs)
  signal?.addEventListener('abort', end)
  await Promise.race([work, budget.promise])
  signal?.removeEventListener('abort', end)
  clearTimeout(timer)
}

function describe(place: Place | undefined, measured: Measured): Located {
  const replicas = place?.replicas ?? []
  if (measured === 'unknown') return { replicas, ...ASSUMED_SIZE, assumed: true }
  if (measured === 'missing') return { replicas, bytes: 0, files: 0, assumed: false, missing: true }
  return { replicas: measured.replicas ?? replicas, bytes: measured.bytes, files: measured.files, assumed: false }
}

function tell(observer: DataObserver, located: readonly Located[], ms: number): void {
  if (located.length === 0) return
  const [missing, assumed] = [located.filter(one => one.missing === true).length, located.filter(one => one.assumed).length]
  observer.located(located.length - missing - assumed, missing, assumed, ms)
}
