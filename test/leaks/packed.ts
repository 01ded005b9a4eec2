/**
 * Finds what is packed in bytes by the signatures of gzip (RFC 1952) and zlib (RFC 1950), and unpacks it. Deflate without a frame and brotli have no
 * signature: where they are, a header says so (`unpackBody`). Pure.
 */
import { brotliDecompressSync, constants, inflateRawSync } from 'node:zlib'

export interface Member {
  readonly how: 'gzip' | 'zlib'
  readonly at: number
  /** What of it can be unpacked, whatever follows, and also if it was cut off. Undefined: it only looked like a member. */
  readonly unpack: () => Buffer | undefined
}

const GZIP = Buffer.of(0x1f, 0x8b, 0x08)
/** Windows of 32 KiB, by how hard the packer tried. */
const ZLIB = [0x01, 0x5e, 0x9c, 0xda].map(level => Buffer.of(0x78, level))
const MOST_UNPACKED_BYTES = 256 * 1024 * 1024

export function findMembers(bytes: Buffer): readonly Member[] {
  const gzip = findAll(bytes, GZIP).map(at => memberAt('gzip', bytes, at, headerBytes))
  const zlib = ZLIB.flatMap(signature => findAll(bytes, signature)).map(at => memberAt('zlib', bytes, at, () => 2))
  return [...gzip, ...zlib]
}

/** The body of an answer as it is before its Content-Encoding, where this has no signature; else as it came. */
export function unpackBody(encoding: string, body: Buffer): Buffer {
  try {
    if (encoding === 'br') return brotliDecompressSync(body, { finishFlush: constants.BROTLI_OPERATION_FLUSH })
    return encoding === 'deflate' ? (inflate(body) ?? body) : body
  } catch {
    return body
  }
}

function findAll(bytes: Buffer, signature: Buffer): readonly number[] {
  const found: number[] = []
  for (let at = bytes.indexOf(signature); at >= 0; at = bytes.indexOf(signature, at + 1)) found.push(at)
  return found
}

function memberAt(how: Member['how'], bytes: Buffer, at: number, header: (member: Buffer) => number): Member {
  return {
    how,
    at,
    unpack() {
      const member = bytes.subarray(at)
      return inflate(member.subarray(header(member)))
    },
  }
}

/** The check sum behind it, which a cut-off member lacks, is not looked at. */
function inflate(packed: Buffer): Buffer | undefined {
  try {
    return inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_UNPACKED_BYTES })
  } catch {
    return undefined
  }
}

/** Of gzip, with the optional fields: extra bytes, a file name, a comment, a check sum of the header. */
function headerBytes(member: Buffer): number {
  const flags = member[3] ?? 0
  let end = 10
  if (flags & 4) end += 2 + (member[end] ?? 0) + 256 * (member[end + 1] ?? 0)
  for (const text of [8, 16]) if (flags & text) end = member.indexOf(0, end) + 1
  return flags & 2 ? end + 2 : end
}
