/**
 * Searches bytes for needles, also within gzip members, wherever they begin. Pure.
 */
import { constants, inflateRawSync } from 'node:zlib'
import { FOLLOWING_BYTES, type Needle } from './needles.ts'

export interface Leak {
  /** What was found and how it is spelled. */
  readonly what: string
  /** Where it begins; of something packed, where the member begins. */
  readonly at: number
}

const GZIP = Buffer.of(0x1f, 0x8b, 0x08)
/** A gzip member within a gzip member. */
const MOST_LEVELS = 2
const MOST_UNPACKED_BYTES = 256 * 1024 * 1024

/** Each needle once at most. */
export function findLeaks(bytes: Buffer, needles: readonly Needle[], level = 0): readonly Leak[] {
  const here = needles.flatMap(needle => {
    const at = findNeedle(bytes, needle)
    return at < 0 ? [] : [{ what: needle.what, at }]
  })
  if (level === MOST_LEVELS) return here
  return [...here, ...findMembers(bytes).flatMap(at => unpackAt(bytes, at, needles, level))]
}

function findNeedle(bytes: Buffer, { bytes: wanted, followedBy }: Needle): number {
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) {
    const end = at + wanted.length
    if (followedBy === undefined || followedBy.test(bytes.toString('latin1', end, end + FOLLOWING_BYTES))) return at
  }
  return -1
}

function findMembers(bytes: Buffer): readonly number[] {
  const found: number[] = []
  for (let at = bytes.indexOf(GZIP); at >= 0; at = bytes.indexOf(GZIP, at + 1)) found.push(at)
  return found
}

function unpackAt(bytes: Buffer, at: number, needles: readonly Needle[], level: number): readonly Leak[] {
  const inner = unpack(bytes.subarray(at))
  if (inner === undefined) return []
  return findLeaks(inner, needles, level + 1).map(({ what }) => ({ what: `${what}, in gzip`, at }))
}

/**
 * What of it can be unpacked (RFC 1952), whatever follows, and also if it was cut off: its check sum, which a cut-off one lacks, is not looked at.
 * Undefined: it only looked like a member.
 */
function unpack(member: Buffer): Buffer | undefined {
  try {
    const packed = member.subarray(headerBytes(member))
    return inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_UNPACKED_BYTES })
  } catch {
    return undefined
  }
}

/** With the optional fields: extra bytes, a file name, a comment, a check sum of the header. */
function headerBytes(member: Buffer): number {
  const flags = member[3] ?? 0
  let end = 10
  if (flags & 4) end += 2 + (member[end] ?? 0) + 256 * (member[end + 1] ?? 0)
  for (const text of [8, 16]) if (flags & text) end = member.indexOf(0, end) + 1
  return flags & 2 ? end + 2 : end
}
