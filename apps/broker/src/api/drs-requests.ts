/**
 * What clients ask of the Data Repository Service in a body. Passports in it are not looked at: who asks is known by the credential. Pure.
 */
import type { Authorizations } from '@portolan/ga4gh/drs'
import { BulkObjectAccessId, BulkObjectIdNoPassport } from '@portolan/ga4gh/drs'
import { badRequest, HttpProblem } from '@portolan/tes/server'
import { MOST_OBJECTS } from './drs-views.ts'

/** Throws a 400 or a 413. */
export function readObjectIds(body: unknown): readonly string[] {
  const parsed = BulkObjectIdNoPassport.safeParse(body)
  const ids = parsed.success ? parsed.data.bulk_object_ids : undefined
  if (ids === undefined) throw lacks('bulk_object_ids', 'Send a list of ids, such as {"bulk_object_ids": ["…"]}.')
  return requireFew(ids)
}

export interface AskedAccess {
  readonly id: string
  readonly access: string
}

/** One entry for each way of each object. Throws a 400 or a 413. */
export function readAccessIds(body: unknown): readonly AskedAccess[] {
  const parsed = BulkObjectAccessId.safeParse(body)
  const asked = parsed.success ? parsed.data.bulk_object_access_ids : undefined
  if (asked === undefined) {
    throw lacks(
      'bulk_object_access_ids',
      'Send a list such as {"bulk_object_access_ids": [{"bulk_object_id": "…", "bulk_access_ids": ["link"]}]}.',
    )
  }
  return requireFew(asked.flatMap(({ bulk_object_id: id = '', bulk_access_ids: ways = [] }) => ways.map(access => ({ id, access }))))
}

/** The same for every id, so that it tells nobody which there are. */
export function showAuthorizations(id: string, open: boolean): Authorizations {
  return { drs_object_id: id, supported_types: open ? ['None'] : ['BearerAuth', 'BasicAuth'] }
}

function requireFew<T>(asked: readonly T[]): readonly T[] {
  if (asked.length > MOST_OBJECTS)
    throw new HttpProblem(413, `${asked.length} objects are asked for at once. Ask for ${MOST_OBJECTS} at most.`)
  return asked
}

function lacks(path: string, fix: string): HttpProblem {
  return badRequest([{ path, message: 'The field is missing, or is not what it should be', fix }])
}
