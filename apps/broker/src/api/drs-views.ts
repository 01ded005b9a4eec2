/**
 * Outputs as objects of the Data Repository Service: their ids, their addresses, and the ways to their bytes. Pure; no link is in what they show.
 */

import type { WorkId } from '@portolan/federation'
import type { Service } from '@portolan/ga4gh/documents'
import type { AccessMethod, Checksum, DrsObject, DrsService } from '@portolan/ga4gh/drs'
import type { ConfiguredLocation } from '../config.ts'
import type { StoredOutput } from '../stores/store.ts'
import { findTaskId } from './read-tasks.ts'

/** Most ids of one bulk request. */
export const MOST_OBJECTS = 100
/** The way to the bytes that a link is asked for by. */
export const LINK_ACCESS = 'link'

export interface DrsId {
  readonly work: WorkId
  readonly number: number
}

export function drsIdOf(work: WorkId, number: number): string {
  return `${work}.${number}`
}

/** Undefined for what was never given out. */
export function parseDrsId(text: string): DrsId | undefined {
  const [, task = '', number = ''] = /^([^.]+)\.(0|[1-9]\d{0,5})$/.exec(text) ?? []
  const work = findTaskId(task)
  return work === undefined ? undefined : { work, number: Number(number) }
}

/** An output is an object where it is known how large it is and which version: without either nobody could tell whether they have it. */
export function isObject(output: StoredOutput): output is StoredOutput & { readonly sizeBytes: string } {
  return output.sizeBytes !== undefined && checksumsOf(output).length > 0
}

export function drsUriOf(publicUrl: string, id: string): string {
  return `drs://${new URL(publicUrl).host}/${id}`
}

/** Digests as the store gives them; without any, the name of the version. */
function checksumsOf({ digests = [], etag }: StoredOutput): Checksum[] {
  if (digests.length > 0) return digests.map(({ type, checksum }) => ({ type, checksum }))
  return etag === undefined ? [] : [{ type: 'etag', checksum: etag.replaceAll('"', '') }]
}

export interface ObjectFacts {
  readonly id: string
  readonly publicUrl: string
  /** When the task ended, ms since 1970. */
  readonly endedAt: number
  readonly server?: Pick<ConfiguredLocation['server'], 'cloud' | 'region'> | undefined
  /** False: a link is made for nobody. */
  readonly handsOut: boolean
}

export function showObject(output: StoredOutput & { readonly sizeBytes: string }, facts: ObjectFacts): DrsObject {
  const { path, sizeBytes, etag, modifiedAt } = output
  const { id, publicUrl, endedAt, server, handsOut } = facts
  const name = path.split('/').findLast(segment => segment !== '')
  return {
    id,
    ...(name !== undefined && { name }),
    self_uri: drsUriOf(publicUrl, id),
    size: Number(sizeBytes),
    created_time: new Date(modifiedAt ?? endedAt).toISOString(),
    ...(etag !== undefined && { version: etag.replaceAll('"', '') }),
    checksums: checksumsOf(output),
    access_methods: [showNative(output, server), ...(handsOut ? [{ type: 'https', access_id: LINK_ACCESS } as const] : [])],
  }
}

const TYPES: Readonly<Record<string, AccessMethod['type']>> = { s3: 's3', gs: 'gs', ftp: 'ftp', file: 'file' }

/** By its own address, for who has rights at the store. */
function showNative({ url }: StoredOutput, server: ObjectFacts['server']): AccessMethod {
  const type = TYPES[url.split(':', 1)[0] ?? ''] ?? 'https'
  const { cloud, region } = server ?? {}
  return { type, access_url: { url }, ...(cloud !== undefined && { cloud }), ...(type === 's3' && region !== undefined && { region }) }
}

export function describeDrs(version: string, publicUrl: string): Service & DrsService {
  const { hostname, origin } = new URL(publicUrl)
  return {
    id: `${hostname.split('.').reverse().join('.')}.portolan.drs`,
    name: 'Portolan',
    description: 'What tasks have left, at the stores of the sites.',
    type: { group: 'org.ga4gh', artifact: 'drs', version: '1.5.0' },
    organization: { name: 'Portolan', url: origin },
    version,
    maxBulkRequestLength: MOST_OBJECTS,
    drs: { maxBulkRequestLength: MOST_OBJECTS },
  }
}
