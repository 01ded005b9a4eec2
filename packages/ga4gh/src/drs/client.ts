/**
 * A client for any DRS server from 1.2 on: one object, many at once in whatever way the server takes, and the address of the bytes. It reads leniently,
 * stays at the origin of its base URL with its credential, and asks none of the addresses that a server names.
 */
import { ApiError } from '../errors.ts'
import { parseRetryAfter } from '../retry.ts'
import { createTransport, type TransportOptions, type TransportRequest, type TransportResponse } from '../transport.ts'
import { pathSegment } from '../url.ts'
import { createBulk, type DrsLookup } from './bulk.ts'
import { ReadAccessUrl, type ReadDrsObject, type ReadDrsService, readDrsObject, readDrsService } from './read-documents.ts'

/** `baseUrl`: what `/objects` is appended to, for instance `https://host/ga4gh/drs/v1`. */
export interface DrsClientOptions extends TransportOptions {
  /** ms since 1970. Default: the clock. */
  readonly now?: (() => number) | undefined
}

export interface DrsCallOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number | undefined
}

/** `expand`: of bundles, show what lies in the bundles inside too. */
export interface DrsObjectOptions extends DrsCallOptions {
  readonly expand?: boolean | undefined
}

export interface DrsClient {
  readonly baseUrl: URL
  serviceInfo(call?: DrsCallOptions): Promise<ReadDrsService>
  /** An unknown id is an `ApiError` with code `not_found`. A server that must bring the object first is one with status 202, and `retryAfterMs`. */
  getObject(id: string, call?: DrsObjectOptions): Promise<ReadDrsObject>
  /**
   * Many objects in few requests: in bulk, in the words that the server understands, or one by one where it knows no bulk. One answer for each id; never
   * rejects.
   */
  getObjects(ids: readonly string[], call?: DrsObjectOptions): Promise<ReadonlyMap<string, DrsLookup>>
  /** The address behind an `access_id`, which is to be used at once: servers hand out new ones at every look. The answer is a secret. */
  access(id: string, accessId: string, call?: DrsCallOptions): Promise<ReadAccessUrl>
}

export function createDrsClient({ now = Date.now, ...options }: DrsClientOptions): DrsClient {
  const transport = createTransport(options)

  async function send(request: TransportRequest): Promise<TransportResponse> {
    const answer = await transport.request(request)
    if (answer.status !== 202) return answer
    const retryAfterMs = parseRetryAfter(answer.headers.get('retry-after'), now())
    const { status, requestId } = answer
    throw new ApiError('server_error', 'The server brings the object first and asks to come back', { status, requestId, retryAfterMs })
  }

  async function getObject(id: string, { expand, ...call }: DrsObjectOptions = {}): Promise<ReadDrsObject> {
    const answer = await send({ ...call, method: 'GET', path: `objects/${pathSegment(id)}`, query: { expand } })
    const object = readDrsObject(answer.json())
    if (object === undefined) throw unreadable(answer, `with something that is not object ${id}`)
    return object
  }

  async function serviceInfo(call: DrsCallOptions = {}): Promise<ReadDrsService> {
    const answer = await send({ ...call, method: 'GET', path: 'service-info' })
    return readDrsService(answer.json())
  }

  const bulk = createBulk({
    serviceInfo,
    getObject,
    now,
    post: async (body, { expand, ...call }) => (await send({ ...call, method: 'POST', path: 'objects', query: { expand }, body })).json(),
  })

  return {
    baseUrl: transport.baseUrl,
    serviceInfo,
    getObject,
    getObjects: (ids, call = {}) => bulk(ids, call),
    async access(id, accessId, call = {}) {
      const path = `objects/${pathSegment(id)}/access/${pathSegment(accessId)}`
      const answer = await send({ ...call, method: 'GET', path })
      const read = ReadAccessUrl.safeParse(answer.json())
      if (!read.success) throw unreadable(answer, `without an address for object ${id}`)
      return read.data
    },
  }
}

function unreadable({ status, requestId }: TransportResponse, words: string): ApiError {
  return new ApiError('unreadable', `The server answered ${words}`, { status, requestId })
}
