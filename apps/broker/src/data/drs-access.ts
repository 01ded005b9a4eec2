/**
 * Finds the address at which the bytes of a DRS object can be had now. Object and access are asked for in one go, since access ids are new at every
 * look. What comes out may be a secret: it is handed on and kept nowhere.
 *
 * An address ends when its server wants: what says that it ends before it is needed is handed to nobody.
 *
 * Placement has looked at the rules of one place. An address that leads to another declared one is handed to nobody: where it leads is noted, so that
 * the task is placed anew by the rules of that place.
 */
import { formatDuration, type LinkSource, type LinkWish, type Replica } from '@portolan/federation'
import type { ReadAccessMethod, ReadAccessUrl } from '@portolan/ga4gh/drs'
import PQueue from 'p-queue'
import { findAddressEnd } from './address-end.ts'
import { type DrsPlaces, isUsable, MOST_WAYS, replicasOf } from './drs-replicas.ts'
import type { DrsServer, DrsServers } from './drs-servers.ts'
import type { StoreFailure } from './object-store.ts'
import type { DataObserver } from './observer.ts'
import { describeStoreError } from './store-failure.ts'
import type { DrsAccess, DrsAddress } from './store-links.ts'
import type { Whereabouts } from './whereabouts.ts'

export interface DrsAccessOptions {
  readonly servers: DrsServers
  readonly places: Omit<DrsPlaces, 'own'>
  /** The bytes that were thought to lie at `from` lie at `to`. */
  readonly learn: (url: string, from: LinkSource, to: Replica) => void
  readonly observer: DataObserver
  /** ms since 1970. */
  readonly now: () => number
}

/** Objects of one server that are asked for at the same time. */
const AT_ONCE = 8
const MINUTE_MS = 60_000
/** Clocks differ by as much. */
const CLOCK_MS = MINUTE_MS

export function createDrsAccess({ servers, places, learn, observer, now }: DrsAccessOptions): DrsAccess {
  const queues = new Map([...servers.byLocation.keys()].map(location => [location, new PQueue({ concurrency: AT_ONCE })]))

  async function find(server: DrsServer, id: string, wish: LinkWish, signal: AbortSignal): Promise<DrsAddress> {
    const { client, location } = server
    const all = { ...places, own: { location, url: wish.url } }
    const { access_methods } = await client.getObject(id, { signal })
    if (access_methods.length > MOST_WAYS) return { failure: NO_ADDRESS }
    let led: Whereabouts | undefined
    let latest: number | undefined
    for (const { address, ground } of waysTo(access_methods, wish, all)) {
      const found = typeof address === 'string' ? await client.access(id, address, { signal }) : address
      if (!isUsable(found) || (found.url.startsWith('http:') && client.baseUrl.protocol === 'https:')) continue
      const place = places.whereIs(found.url)
      if (isJudged(place, wish, ground, places)) {
        const endsAt = wish.neededMs === undefined ? undefined : findAddressEnd(found.url)
        if (endsAt === undefined) return { url: found.url }
        if (isEnough(endsAt, wish, now())) return { url: found.url, ...(endsAt < now() + wish.lifeMs && { endsAt }) }
        latest = Math.max(latest ?? endsAt, endsAt)
      } else if (typeof place !== 'string') led ??= place
    }
    // The bytes lie there however soon the address ends: the rules of another place do not take the place of those that were looked at.
    if (latest !== undefined) return { failure: describeEarly(latest - now(), wish) }
    if (led === undefined) return { failure: NO_ADDRESS }
    learn(wish.url, wish, { location: led.location, url: wish.url, at: led.at, link: true })
    return { moved: true }
  }

  return {
    async resolve(wish, signal) {
      const server = servers.at(wish.url)
      const id = server?.idOf(wish.url)
      const queue = server && queues.get(server.location)
      if (server === undefined || id === undefined || queue === undefined) return { failure: NO_OBJECT }
      const began = now()
      const resolved = await queue
        .add(() => find(server, id, wish, signal), { signal })
        .catch((error: unknown): DrsAddress => ({ failure: signal.aborted ? LATE : describeStoreError(error, server.origin) }))
      observer.asked(server.location, 'resolve', now() - began, 'failure' in resolved ? resolved.failure.kind : undefined)
      return resolved
    },
  }
}

const NO_OBJECT: StoreFailure = { kind: 'unsupported', detail: 'it is no object of a declared DRS server' }
const NO_ADDRESS: StoreFailure = {
  kind: 'unsupported',
  detail: 'its server names no address that can be read without further credentials, and only one way',
}
const LATE: StoreFailure = { kind: 'timeout', detail: 'its server gave no address in time' }

function isEnough(endsAt: number, { neededMs = 0 }: LinkWish, now: number): boolean {
  return endsAt + CLOCK_MS >= now + neededMs
}

function describeEarly(leftMs: number, { neededMs = 0, stagingMs = neededMs }: LinkWish): StoreFailure {
  const left = Math.round(leftMs / MINUTE_MS)
  const ends = left > 0 ? `ends after ${formatDuration(left * MINUTE_MS)}` : 'has ended already'
  const needed = formatDuration(Math.ceil(neededMs / MINUTE_MS) * MINUTE_MS)
  const fix = 'let the site read by itself (`credentialsAt`), or declare the place with a key'
  // Where the queue alone is too long the task waits until it is shorter.
  const kind = leftMs + CLOCK_MS >= stagingMs ? 'busy' : 'unsupported'
  return { kind, detail: `its server's address ${ends}, and wait and staging are expected to take ${needed}: ${fix}` }
}

/** A way to the bytes: an address, or an access id to ask for one. */
interface Way {
  readonly address: ReadAccessUrl | string
  /** The location that the server names with it, or its own. */
  readonly ground: Replica['location']
}

/** Ways that lead to the chosen place, or may lead there: addresses first, which cost no request, then what says that it leads to https. */
function waysTo(methods: readonly ReadAccessMethod[], wish: LinkSource, places: DrsPlaces): readonly Way[] {
  const named = methods.flatMap((method): readonly Way[] => {
    const [replica] = replicasOf({ ...method, access_id: undefined }, places)
    const { access_url: address } = method
    return address !== undefined && replica?.location === wish.location ? [{ address, ground: wish.location }] : []
  })
  const asked = methods
    .toSorted((a, b) => Number(b.type === 'https') - Number(a.type === 'https'))
    .flatMap((method): readonly Way[] => {
      const [replica] = replicasOf({ ...method, access_url: undefined }, places)
      const { access_id: address } = method
      const mayLead = replica !== undefined && (wish.at !== undefined || replica.location === wish.location)
      return address !== undefined && mayLead ? [{ address, ground: replica.location }] : []
    })
  return [...named, ...asked]
}

/**
 * True where the rules that hold at the address are among those that were looked at: of the very place where it led before, of a whole location, or of
 * the DRS location where no other has a say.
 */
function isJudged(
  place: ReturnType<DrsPlaces['whereIs']>,
  { location, at }: LinkSource,
  ground: Replica['location'],
  { whereIs }: Pick<DrsPlaces, 'whereIs'>,
): boolean {
  if (place === 'unreadable') return false
  if (place === 'elsewhere') return ground === location
  if (place.location !== location) return false
  if (at === undefined) return !place.owned
  const before = whereIs(at)
  return typeof before !== 'string' && before.rules === place.rules
}
