/**
 * The part of a file that a request asks for (RFC 9110 section 14). Pure.
 */
import type { ByteRange } from '../data/object-store.ts'

/** `whole`: no part is asked for, or it is asked for in a way that is not offered. `none`: there is nothing there. */
export type AskedRange = 'whole' | 'none' | Required<ByteRange>

/** `total`: bytes of the file. Several parts at once are not offered: the whole is sent then, as the standard allows. */
export function readRange(header: string | undefined, total: number): AskedRange {
  const [, from = '', to = ''] = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header ?? '') ?? []
  if (from === '' && to === '') return 'whole'
  if (from === '') return Number(to) === 0 || total === 0 ? 'none' : { first: Math.max(0, total - Number(to)), last: total - 1 }
  const first = Number(from)
  const last = to === '' ? total - 1 : Math.min(Number(to), total - 1)
  if (to !== '' && Number(to) < first) return 'whole'
  return first >= total ? 'none' : { first, last }
}
