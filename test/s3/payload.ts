/**
 * The body of a request as S3 takes it: written to a file, and compared with every digest that came with it, also with those that come behind it
 * (`aws-chunked` with a trailer).
 */
import { createHash, type Hash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import { S3Refused } from './refused.ts'

export interface Received {
  readonly bytes: number
  /** MD5 in hexadecimal digits. */
  readonly md5: string
  /** `crc32`, `sha1` or `sha256`, in base64, if the sender has given one. */
  readonly checksum?: { readonly algorithm: Algorithm; readonly value: string } | undefined
}

export const ALGORITHMS = ['crc32', 'sha1', 'sha256'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

const TRAILED = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
const UNSIGNED = 'UNSIGNED-PAYLOAD'

/** The whole of a body that is no object. Throws `S3Refused` where it is not the one that is signed. */
export async function readSigned(body: Readable, payload: string): Promise<Buffer> {
  refuseForm(payload, [UNSIGNED])
  const chunks: Buffer[] = []
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk)
  const whole = Buffer.concat(chunks)
  refuseOther(payload, createHash('sha256').update(whole).digest('hex'))
  return whole
}

/** Writes the body to the path. Throws `S3Refused` where a length or a digest is not that of what came. `payload`: as it is signed. */
export async function receive(body: Readable, headers: IncomingHttpHeaders, payload: string, path: string): Promise<Received> {
  const isTrailed = payload === TRAILED
  refuseForm(payload, [UNSIGNED, TRAILED])
  const trailer = new Map<string, string>()
  const sums = new Sums()
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sums.add(chunk)
      done(null, chunk)
    },
  })
  const content = isTrailed ? Readable.from(unchunk(body, trailer), { objectMode: false }) : body
  await pipeline(content, count, createWriteStream(path))
  const announced = headers[isTrailed ? 'x-amz-decoded-content-length' : 'content-length']
  if (announced === undefined) throw new S3Refused(411, 'MissingContentLength', 'the length of the body is not announced')
  if (Number(announced) !== sums.bytes)
    throw new S3Refused(400, 'IncompleteBody', `${sums.bytes} bytes came instead of ${Number(announced)}`)
  const found = sums.end()
  refuseOther(payload, found.sha256.toString('hex'))
  const md5 = headers['content-md5']
  if (md5 !== undefined && md5 !== found.md5.toString('base64')) throw new S3Refused(400, 'BadDigest', 'the body has another MD5')
  return { bytes: sums.bytes, md5: found.md5.toString('hex'), checksum: checkSums(headers, trailer, found) }
}

/** `words`: what may stand there in place of a digest. */
function refuseForm(payload: string, words: readonly string[]): void {
  if (!words.includes(payload) && !isDigest(payload)) throw new S3Refused(501, 'NotImplemented', `${payload} is not taken here`)
}

function refuseOther(payload: string, sha256: string): void {
  if (isDigest(payload) && payload !== sha256)
    throw new S3Refused(400, 'XAmzContentSHA256Mismatch', 'the body is not the one that was signed')
}

function isDigest(payload: string): boolean {
  return /^[0-9a-f]{64}$/.test(payload)
}

type Found = Readonly<Record<Algorithm | 'md5', Buffer>>

class Sums {
  bytes = 0
  #crc = 0
  readonly #hashes: Readonly<Record<'md5' | 'sha1' | 'sha256', Hash>> = {
    md5: createHash('md5'),
    sha1: createHash('sha1'),
    sha256: createHash('sha256'),
  }

  add(chunk: Buffer): void {
    this.bytes += chunk.length
    this.#crc = crc32(chunk, this.#crc)
    for (const hash of Object.values(this.#hashes)) hash.update(chunk)
  }

  end(): Found {
    const crc = Buffer.alloc(4)
    crc.writeUInt32BE(this.#crc)
    const { md5, sha1, sha256 } = this.#hashes
    return { crc32: crc, md5: md5.digest(), sha1: sha1.digest(), sha256: sha256.digest() }
  }
}

function checkSums(headers: IncomingHttpHeaders, trailer: ReadonlyMap<string, string>, found: Found): Received['checksum'] {
  const names = [...Object.keys(headers), ...trailer.keys()].filter(
    name => /^x-amz-checksum-/.test(name) && name !== 'x-amz-checksum-algorithm' && name !== 'x-amz-checksum-type',
  )
  let checksum: Received['checksum']
  for (const name of names) {
    const algorithm = ALGORITHMS.find(known => name === `x-amz-checksum-${known}`)
    if (!algorithm) throw new S3Refused(501, 'NotImplemented', `${name} is not computed here`)
    const value = trailer.get(name) ?? headers[name]
    if (value !== found[algorithm].toString('base64')) throw new S3Refused(400, 'BadDigest', `the body has another ${algorithm}`)
    checksum = { algorithm, value }
  }
  return checksum
}

/** The content of an `aws-chunked` body whose chunks are not signed; what stands behind it goes to `trailer`. */
async function* unchunk(body: Readable, trailer: Map<string, string>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0)
  let left = 0
  let isOver = false
  for await (const piece of body as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, piece])
    while (rest.length > 0) {
      if (left > 0) {
        const content = rest.subarray(0, left)
        rest = rest.subarray(content.length)
        left -= content.length
        yield content
        continue
      }
      const end = rest.indexOf('\r\n')
      if (end < 0) break
      const line = rest.subarray(0, end).toString('latin1')
      rest = rest.subarray(end + 2)
      if (line === '') continue
      if (isOver) {
        const colon = line.indexOf(':')
        trailer.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
        continue
      }
      if (!/^[0-9a-f]+$/i.test(line)) throw new S3Refused(400, 'IncompleteBody', 'a chunk does not begin with its length')
      left = Number.parseInt(line, 16)
      isOver = left === 0
    }
  }
  if (!isOver || left > 0) throw new S3Refused(400, 'IncompleteBody', 'the last chunk has not come')
}
