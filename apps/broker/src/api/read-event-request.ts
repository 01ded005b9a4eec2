/**
 * What clients ask of events: from where, and how many. Every fault names its field and the fix. Pure.
 */
import type { Problem } from '@portolan/ga4gh/documents'
import { badRequest } from '@portolan/tes/server'
import { readPageSize, readQuery } from './query-fields.ts'

export interface EventRequest {
  /** The last number that is known already; absent: nothing is said. */
  readonly after?: number | undefined
  readonly pageSize: number
}

/** `lastId`: the header `Last-Event-ID`, by which a stream goes on, whatever its address says. Throws a 400. */
export function readEventRequest(url: string, lastId: string | undefined): EventRequest {
  const problems: Problem[] = []
  const read = readQuery(url, problems)
  const asked = readNumber('after', read('after'), problems)
  const after = readNumber('Last-Event-ID', lastId === '' ? undefined : lastId, problems) ?? asked
  const pageSize = readPageSize(read('page_size'), problems)
  if (problems.length > 0) throw badRequest(problems)
  return { after, pageSize }
}

function readNumber(path: string, text: string | undefined, problems: Problem[]): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  problems.push({
    path,
    message: 'The value is not the number of an event',
    fix: 'Give the number of the last event that you have, or leave it out.',
  })
  return undefined
}
