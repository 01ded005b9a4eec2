/**
 * What a DRS server for tests has: its objects and its answers about them, in either bulk dialect.
 */
import { randomUUID } from 'node:crypto'
import type { AccessMethod, ContentsObject, DrsObject } from '@portolan/ga4gh/drs'

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export function refuse(status: number, msg: string): Answer {
  return { status, body: { msg, status_code: status } }
}

/** A way to bytes: by an address that everybody sees, or by one that is asked for by an access id. */
export interface ServedMethod {
  readonly type: AccessMethod['type']
  readonly url?: string | undefined
  /** What the access id leads to. */
  readonly behind?: { readonly url: string; readonly headers?: readonly string[] | undefined } | undefined
  readonly cloud?: string | undefined
  readonly region?: string | undefined
  readonly available?: boolean | undefined
}

/** A file with `size` and `methods`, or a bundle of the ids that it holds. */
export interface ServedObject {
  readonly size?: number | undefined
  readonly methods?: readonly ServedMethod[] | undefined
  readonly holds?: readonly string[] | undefined
  /** The status for whoever asks. Default 200. */
  readonly status?: number | undefined
}

interface ShelfOptions {
  readonly objects: Readonly<Record<string, ServedObject>>
  readonly dialect?: '1.5' | 'selection' | undefined
  readonly mostIds: number
  readonly saidMostIds?: number | null | undefined
  readonly version?: string | undefined
  readonly host: string
}

export interface Shelf {
  answer(operation: string, params: Readonly<Record<string, string>>, body: unknown, query: URLSearchParams): Answer
}

const MADE = '2026-05-04T03:02:01Z'

export function createShelf({ objects, dialect, mostIds, saidMostIds = mostIds, version, host }: ShelfOptions): Shelf {
  /** The present access ids of each object. */
  const access = new Map<string, ReadonlyMap<string, NonNullable<ServedMethod['behind']>>>()
  const uri = (id: string): string => `drs://${host}/${encodeURIComponent(id)}`

  const sizeOf = (id: string): number => {
    const { size = 0, holds } = objects[id] ?? {}
    return holds === undefined ? size : holds.reduce((sum, inner) => sum + sizeOf(inner), 0)
  }

  function contentsOf(ids: readonly string[], expand: boolean): ContentsObject[] {
    return ids.map(id => {
      const inner = objects[id]?.holds
      return { name: id, id, drs_uri: [uri(id)], ...(expand && inner && { contents: contentsOf(inner, true) }) }
    })
  }

  function show(id: string, { holds, methods }: ServedObject, expand: boolean): DrsObject {
    const minted = new Map<string, NonNullable<ServedMethod['behind']>>()
    const shown = (methods ?? []).map(({ url, behind, ...rest }): AccessMethod => {
      const accessId = behind === undefined ? undefined : randomUUID()
      if (accessId !== undefined && behind !== undefined) minted.set(accessId, behind)
      return { ...rest, ...(url !== undefined && { access_url: { url } }), ...(accessId !== undefined && { access_id: accessId }) }
    })
    access.set(id, minted)
    return {
      id,
      name: id,
      self_uri: uri(id),
      size: sizeOf(id),
      created_time: MADE,
      checksums: [{ type: 'md5', checksum: '0'.repeat(32) }],
      ...(shown.length > 0 && { access_methods: shown }),
      ...(holds && { contents: contentsOf(holds, expand) }),
    }
  }

  function showOne(id: string, expand: boolean): Answer {
    const object = objects[id]
    if (object === undefined) return refuse(404, `no object ${id}`)
    if (object.status !== undefined) return refuse(object.status, `object ${id} is not to be had`)
    return { status: 200, body: show(id, object, expand) }
  }

  function showMany(ids: readonly string[], expand: boolean): Answer {
    if (ids.length > mostIds) return refuse(413, `at most ${mostIds} ids`)
    const answers = ids.map(id => ({ id, ...showOne(id, expand) }))
    const resolved = answers.filter(({ status }) => status === 200).map(({ body }) => body)
    const rest = answers.filter(({ status }) => status !== 200)
    const summary = { requested: ids.length, resolved: resolved.length, unresolved: rest.length }
    if (dialect === 'selection') {
      const unresolved_drs_object = Object.fromEntries(rest.map(({ id, status }) => [id, status]))
      return { status: 200, body: { summary, resolved_drs_object: resolved, unresolved_drs_object } }
    }
    const byStatus = Map.groupBy(rest, ({ status }) => status)
    const unresolved_drs_objects = [...byStatus].map(([error_code, list]) => ({ error_code, object_ids: list.map(({ id }) => id) }))
    return { status: 200, body: { summary, resolved_drs_object: resolved, unresolved_drs_objects } }
  }

  const serviceInfo = (): unknown => ({
    id: 'org.example.drs',
    name: 'DRS for tests',
    type: { group: 'org.ga4gh', artifact: 'drs', version: version ?? (dialect === 'selection' ? '1.3.0' : '1.5.0') },
    organization: { name: 'Example', url: 'https://example.org' },
    version: '1',
    ...(saidMostIds !== null && dialect !== 'selection' && { maxBulkRequestLength: saidMostIds }),
  })

  return {
    answer(operation, { object_id: id = '', access_id: accessId = '' }, body, query) {
      const expand = query.get('expand') === 'true'
      switch (operation) {
        case 'GetServiceInfo':
          return { status: 200, body: serviceInfo() }
        case 'GetObject':
        case 'PostObject':
          return showOne(id, expand)
        case 'GetBulkObjects':
          return showMany(idsIn(body, dialect === 'selection' ? 'selection' : 'bulk_object_ids'), expand)
        case 'GetAccessURL':
        case 'PostAccessURL': {
          const behind = access.get(id)?.get(accessId)
          return behind === undefined ? refuse(404, 'no such access id any more') : { status: 200, body: behind }
        }
        default:
          return refuse(404, 'this server does not offer that')
      }
    },
  }
}

/** Words that a server does not know it does not see. */
function idsIn(body: unknown, word: string): readonly string[] {
  const ids: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, word) : undefined
  return Array.isArray(ids) ? ids.filter(id => typeof id === 'string') : []
}
