/**
 * Finding the base path of a TES server. Only service-info is read: a base that were tried with a POST could make a task on each try.
 */
import { ApiError, parseBaseUrl } from '@portolan/ga4gh'
import type { ReadServiceInfo } from '../index.ts'
import { createTesClient, type TesClientOptions } from './client.ts'

const PATHS = ['', '/ga4gh/tes/v1', '/v1', '/ga4gh/v1'] as const

export interface Discovered {
  /** The base URL for `createTesClient`. */
  readonly url: string
  readonly serviceInfo: ReadServiceInfo
}

/**
 * Tries the URL itself and the usual paths below it. Throws an `ApiError`: `not_found` if none is a TES server, and at once what a login
 * or the network says.
 */
export async function discover(
  url: string | URL,
  options: Omit<TesClientOptions, 'url'> & { readonly signal?: AbortSignal } = {},
): Promise<Discovered> {
  const { signal, ...client } = options
  const base = parseBaseUrl(url).href.replace(/\/$/, '')
  for (const path of PATHS) {
    try {
      const serviceInfo = await createTesClient({ ...client, url: base + path }).getServiceInfo({ signal })
      if (isTes(serviceInfo)) return { url: base + path, serviceInfo }
    } catch (error) {
      if (!(error instanceof ApiError) || !ELSEWHERE.has(error.code)) throw error
    }
  }
  throw new ApiError('not_found', `There is no TES service-info at ${base} nor below it at ${PATHS.slice(1).join(', ')}`)
}

const ELSEWHERE: ReadonlySet<string> = new Set(['not_found', 'unreadable', 'client_error', 'redirected', 'bad_request'])

/** Servers of TES 1.0 give no type; one of another standard says so. */
function isTes({ type, name, storage, id }: ReadServiceInfo): boolean {
  if (type?.artifact !== undefined) return type.artifact.toLowerCase() === 'tes'
  return storage !== undefined || (name !== undefined && id === undefined)
}
