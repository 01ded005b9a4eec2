/**
 * Finds the address at which the bytes of a DRS object can be had now. Object and access are asked for in one go, since access ids are new at every
 * look. What comes out may be a secret: it is handed on and kept nowhere.
 */
import type { DrsClient, ReadAccessUrl } from '@portolan/ga4gh/drs'
import type { DrsServers } from './drs-servers.ts'
import type { StoreFailure } from './object-store.ts'
import type { DataObserver } from './observer.ts'
import { describeStoreError } from './store-failure.ts'
import type { DrsAccess } from './store-links.ts'

export interface DrsAccessOptions {
  readonly servers: DrsServers
  readonly observer: DataObserver
  /** ms since 1970. */
  readonly now: () => number
}

type Resolved = { readonly url: string } | { readonly failure: StoreFailure }

export function createDrsAccess({ servers, observer, now }: DrsAccessOptions): DrsAccess {
  return {
    async resolve(url, signal): Promise<Resolved> {
      const server = servers.at(url)
      const id = server?.idOf(url)
      if (server === undefined || id === undefined) return cannot('it is no object of a declared DRS server')
      const { client, origin, location } = server
      const began = now()
      const resolved = await findAddress(client, id, signal).catch((error: unknown) => ({ failure: describeStoreError(error, origin) }))
      observer.asked(location, 'resolve', now() - began, 'failure' in resolved ? resolved.failure.kind : undefined)
      return resolved
    },
  }
}

async function findAddress(client: DrsClient, id: string, signal: AbortSignal): Promise<Resolved> {
  const { access_methods } = await client.getObject(id, { signal })
  const methods = access_methods.filter(({ available }) => available !== false)
  const open = methods.find(({ access_url }) => access_url !== undefined && isUsable(access_url, client.baseUrl))
  if (open?.access_url !== undefined) return { url: open.access_url.url }
  // Those that say that they lead to https first.
  const asked = methods.toSorted((a, b) => Number(b.type === 'https') - Number(a.type === 'https'))
  for (const { access_id } of asked) {
    if (access_id === undefined) continue
    const address = await client.access(id, access_id, { signal })
    if (isUsable(address, client.baseUrl)) return { url: address.url }
  }
  return cannot('its server names no address that can be read without further credentials')
}

/** What is signed is not sent in clear, unless the server itself speaks so. */
function isUsable({ url, headers }: ReadAccessUrl, base: URL): boolean {
  const parsed = URL.parse(url)
  if (parsed === null || headers.length > 0 || parsed.username !== '' || parsed.password !== '') return false
  return parsed.protocol === 'https:' || (parsed.protocol === 'http:' && base.protocol === 'http:')
}

function cannot(detail: string): Resolved {
  return { failure: { kind: 'unsupported', detail } }
}
