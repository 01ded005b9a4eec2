/**
 * The locator of declared locations: the prefix says where, the location's server says how much, and what is not known in time is assumed.
 */
import type { LocationId } from '@portolan/federation'
import type { ConfiguredLocation, Credential } from '../config.ts'
import type { Access } from '../http/access.ts'
import { createHttpSizes, type HttpSizes } from './http-sizes.ts'
import { ASSUMED_SIZE, type Located, type Locator } from './locator.ts'
import { createPrefixLocator, type Place } from './prefix-locator.ts'
import { createSizeCache, type Measured } from './size-cache.ts'

export interface DeclaredLocatorOptions {
  readonly locations: readonly ConfiguredLocation[]
  /** The way to the server at an origin, bound to it. */
  readonly open: (origin: string, credential: Credential | undefined) => Access
  /** ms since 1970. */
  readonly now: () => number
}

export interface DeclaredLocator extends Locator {
  [Symbol.asyncDispose](): Promise<void>
}

export function createDeclaredLocator({ locations, open, now }: DeclaredLocatorOptions): DeclaredLocator {
  const findPlace = createPrefixLocator(locations)
  const cache = createSizeCache(now)
  const servers = new Map<LocationId, HttpSizes>()
  for (const { location, origin, credential } of locations) {
    if (origin === undefined || credential?.kind === 's3') continue
    servers.set(location.id, createHttpSizes({ origin, access: open(origin, credential) }))
  }

  /** The size, if it is known at once, or what will find it out. */
  function measure(place: Place | undefined, url: string, directory: boolean, ask: boolean): Measured | Promise<Measured> {
    const server = place && servers.get(place.location.location.id)
    if (!server) return 'unknown'
    const key = `${directory ? 'directory' : 'file'} ${url}`
    return cache.peek(key) ?? (ask ? cache.get(key, () => server.measure(url, directory)) : 'unknown')
  }

  return {
    find: url => findPlace(url)?.replicas ?? [],
    async locate(inputs, budgetMs) {
      const places = inputs.map(({ url }) => findPlace(url))
      const measured: Measured[] = inputs.map(() => 'unknown')
      const pending: Promise<void>[] = []
      for (const [at, { url, directory }] of inputs.entries()) {
        const size = measure(places[at], url, directory, budgetMs > 0)
        if (size instanceof Promise) {
          pending.push(
            size.then(found => {
              measured[at] = found
            }),
          )
        } else measured[at] = size
      }
      if (pending.length > 0) await withinBudget(Promise.all(pending), budgetMs)
      return places.map((place, at) => describe(place, measured[at] ?? 'unknown'))
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...servers.values()].map(server => server[Symbol.asyncDispose]()))
    },
  }
}

/** Waits no longer than the budget. What goes on then fills the cache for the next time. */
async function withinBudget(work: Promise<unknown>, budgetMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const budget = new Promise<void>(resolve => {
    timer = setTimeout(resolve, budgetMs)
  })
  await Promise.race([work, budget])
  clearTimeout(timer)
}

function describe(place: Place | undefined, measured: Measured): Located {
  const replicas = place?.replicas ?? []
  if (measured === 'unknown') return { replicas, ...ASSUMED_SIZE, assumed: true }
  if (measured === 'missing') return { replicas, bytes: 0, files: 0, assumed: false, missing: true }
  return { replicas, bytes: measured.bytes, files: measured.files, assumed: false }
}
