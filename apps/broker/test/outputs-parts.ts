/**
 * What tests of outputs need: the API over two locations whose stores are in memory, persons, and tasks that have ended and left files.
 */
import type { LocationId, LocationPrefix, WorkId } from '@portolan/federation'
import type { OutputAccess } from '../src/api/output-routes.ts'
import { createWorkIds } from '../src/api/work-id.ts'
import type { Principal } from '../src/auth/principal.ts'
import type { ConfiguredLocation } from '../src/config.ts'
import { ADA, ADMIN, BOB, CARL, claim, create, decide, newAttempt, transition } from '../src/stores/contract/builders.ts'
import type { NewOutput, NewWork } from '../src/stores/store.ts'
import { type Answer, call } from './call.ts'
import { createMemoryObjects, type MemoryObjects } from './memory-objects.ts'
import { type ApiTestOptions, type RunningApi, startApi } from './start-api.ts'

const WHO = ['ada', 'bob', 'carl', 'admin'] as const
export type Who = (typeof WHO)[number]
const PEOPLE: Readonly<Record<Who, Principal>> = { ada: ADA, bob: BOB, carl: CARL, admin: ADMIN }

export interface OutputsTest extends AsyncDisposable {
  readonly api: RunningApi
  /** Hands out links; what lies below `s3://b/compute/` stays. */
  readonly direct: MemoryObjects
  /** Passes through the broker. */
  readonly relayed: MemoryObjects
  readonly links: { readonly location: LocationId; readonly url: string }[]
  readonly passed: number[]
  /** Whose credentials count no more. */
  readonly revoked: Set<Who>
  /** False: no link can be made. */
  makesLinks: boolean
  ask(who: Who, method: string, path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** A task of Ada's that has ended and left these files. */
  finish(outputs: readonly NewOutput[], changes?: Partial<NewWork>, state?: 'COMPLETE' | 'RUNNING'): Promise<WorkId>
  /** The same, for one file that lies at its store as it was measured. */
  leave(store: MemoryObjects, url: string, content: string | Uint8Array, changes?: Partial<NewWork>): Promise<WorkId>
}

function locationOf(
  id: string,
  delivery: ConfiguredLocation['server']['delivery'],
  prefixes: readonly Partial<LocationPrefix>[],
): ConfiguredLocation {
  return {
    location: {
      id: id as LocationId,
      country: 'DE',
      kind: 's3',
      prefixes: prefixes.map(prefix => ({ url: '', sensitivity: 'public', access: 'share', ...prefix })),
    },
    server: { region: 'r', addressing: 'path', checksums: 'supported', delivery, cloud: 'ground' },
    file: `${id}.yaml`,
  }
}

export async function openOutputs(options: ApiTestOptions = {}): Promise<OutputsTest> {
  const direct = createMemoryObjects('b', { links: true })
  const relayed = createMemoryObjects('r')
  const kept = createMemoryObjects('k')
  const links: { location: LocationId; url: string }[] = []
  const passed: number[] = []
  const revoked = new Set<Who>()
  const data: OutputAccess = {
    locations: [
      locationOf('b', 'direct', [{ url: 's3://b/' }, { url: 's3://b/compute/', sensitivity: 'controlled', access: 'compute' }]),
      locationOf('r', 'relay', [{ url: 's3://r/' }]),
      locationOf('k', 'none', [{ url: 's3://k/' }]),
    ],
    stores: { byLocation: new Map([direct, relayed, kept].map(store => [store.location, store])), at: () => undefined },
    links: {
      forPerson: async (location, url) => {
        if (!test.makesLinks) return undefined
        links.push({ location, url })
        return await direct.linkTo?.(url, 900_000)
      },
    },
    observer: { relayed: (_, bytes) => void passed.push(bytes) },
  }
  const api = await startApi({
    ...options,
    data,
    authenticator: {
      authenticate: async headers => {
        const who = WHO.find(name => name === headers['x-who'] && !revoked.has(name))
        return (who && PEOPLE[who]) ?? { outcome: 'refused', reason: 'missing', says: 'nobody' }
      },
    },
  })
  const nextId = createWorkIds(Date.now)
  const test: OutputsTest = {
    api,
    direct,
    relayed,
    links,
    passed,
    revoked,
    makesLinks: true,
    ask: (who, method, path, headers = {}) => call(api.port, { method, path, headers: { ...headers, 'x-who': who } }),
    async finish(outputs, changes, state = 'COMPLETE') {
      const { store } = api
      const id = await create(store, nextId(), changes)
      const lease = await claim(store)
      const attempt = newAttempt(id)
      await decide(store, lease, attempt)
      await transition(store, lease, [], { id, expectedVersion: 2, state, outputs, ...(state === 'COMPLETE' && { endedAt: Date.now() }) })
      return id
    },
    async leave(store, url, content, changes) {
      store.put(url, content)
      const answer = await store.head(url, new AbortController().signal)
      if (answer.outcome !== 'found') throw new Error('the store of the test has lost it')
      const { bytes, etag, modifiedAt } = answer.value
      return test.finish(
        [{ url, path: '/out/result é.txt', sizeBytes: String(bytes), etag, modifiedAt, location: store.location }],
        changes,
      )
    },
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  }
  return test
}
