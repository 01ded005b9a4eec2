/**
 * Searches bytes for needles, also within what is packed by gzip or zlib, wherever it begins. Pure.
 */
import type { Needle } from './needles.ts'
import { FOLLOWING_BYTES } from './needles.ts'
import { findMembers, type Member } from './packed.ts'

export interface Leak {
  /** What was found and how it is spelled. */
  readonly what: string
  /** Where it begins; of something packed, where the member begins. */
  readonly at: number
}

/** A gzip member within a gzip member. */
const MOST_LEVELS = 2

/** Each needle once at most. */
export function findLeaks(bytes: Buffer, needles: readonly Needle[], level = 0): readonly Leak[] {
  const here = needles.flatMap(needle => {
    const at = findNeedle(bytes, needle)
    return at < 0 ? [] : [{ what: needle.what, at }]
  })
  if (level === MOST_LEVELS) return here
  return [...here, ...findMembers(bytes).flatMap(member => searchMember(member, needles, level))]
}

function findNeedle(bytes: Buffer, { bytes: wanted, followedBy }: Needle): number {
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) {
    const end = at + wanted.length
    if (followedBy === undefined || followedBy.test(bytes.toString('latin1', end, end + FOLLOWING_BYTES))) return at
  }
  return -1
}

function searchMember({ how, at, unpack }: Member, needles: readonly Needle[], level: number): readonly Leak[] {
  const inner = unpack()
  if (inner === undefined) return []
  return findLeaks(inner, needles, level + 1).map(({ what }) => ({ what: `${what}, in ${how}`, at }))
}
