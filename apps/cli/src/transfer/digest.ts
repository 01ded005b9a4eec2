/**
 * Whether a file is what the store has: by a digest that the store vouches for, where this machine can make the same.
 */
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

export interface Digest {
  readonly type: string
  /** Hexadecimal. */
  readonly checksum: string
}

interface Sum {
  add(chunk: Uint8Array): void
  end(): string
}

const BLOCK_BYTES = 1024 * 1024

/** The best first. */
const SUMS: Readonly<Record<string, () => Sum>> = {
  'sha-256': () => hash('sha256'),
  sha1: () => hash('sha1'),
  md5: () => hash('md5'),
  crc32: () => {
    let value = 0
    return {
      add: chunk => {
        value = crc32(chunk, value)
      },
      end: () => value.toString(16).padStart(8, '0'),
    }
  },
}

function hash(name: string): Sum {
  const made = createHash(name)
  return { add: chunk => void made.update(chunk), end: () => made.digest('hex') }
}

/** The one to check by; undefined: the store names none that can be made here. */
export function chooseDigest(digests: readonly Digest[]): Digest | undefined {
  return Object.keys(SUMS).flatMap(type => digests.find(digest => digest.type === type) ?? [])[0]
}

/** Reads the whole file, a block at a time. */
export async function hasDigest(file: FileHandle, { type, checksum }: Digest, signal: AbortSignal): Promise<boolean> {
  const sum = SUMS[type]?.()
  if (!sum) return false
  const block = new Uint8Array(BLOCK_BYTES)
  for (let from = 0; ; ) {
    signal.throwIfAborted()
    const { bytesRead } = await file.read(block, 0, block.length, from)
    if (bytesRead === 0) return sum.end() === checksum.toLowerCase()
    sum.add(block.subarray(0, bytesRead))
    from += bytesRead
  }
}
