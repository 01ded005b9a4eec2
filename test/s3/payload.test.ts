import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { receive } from './payload.ts'
import { S3Refused } from './refused.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-s3-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What reached the disk, or the word of S3 for why nothing did. */
async function take(pieces: readonly string[], headers: IncomingHttpHeaders, payload: string): Promise<string> {
  const path = join(folder, 'body')
  try {
    await receive(Readable.from(pieces.map(piece => Buffer.from(piece))), headers, payload, path)
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof S3Refused) return error.code
    throw error
  }
}

const SIGNED = createHash('sha256').update('hello').digest('hex')
const TRAILED = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
const CRC = 'NhCmhg=='
const length = { 'content-length': '5' }
const decoded = { 'x-amz-decoded-content-length': '5' }
const trailer = (crc: string) => `x-amz-checksum-crc32:${crc}\r\n\r\n`

const ROWS: [what: string, pieces: string[], headers: IncomingHttpHeaders, payload: string, answer: string][] = [
  ['a body that is signed', ['hel', 'lo'], length, SIGNED, 'hello'],
  ['a body that nobody signed', ['hello'], length, 'UNSIGNED-PAYLOAD', 'hello'],
  ['another body than the one that is signed', ['jello'], length, SIGNED, 'XAmzContentSHA256Mismatch'],
  ['a digest that fits', ['hello'], { ...length, 'x-amz-checksum-crc32': CRC }, SIGNED, 'hello'],
  ['a digest of another body', ['hello'], { ...length, 'x-amz-checksum-crc32': 'AAAAAA==' }, SIGNED, 'BadDigest'],
  ['an MD5 of another body', ['hello'], { ...length, 'content-md5': 'AAAA' }, SIGNED, 'BadDigest'],
  ['a digest that is not computed here', ['hello'], { ...length, 'x-amz-checksum-crc64nvme': 'AAAA' }, SIGNED, 'NotImplemented'],
  ['another length than announced', ['hello'], { 'content-length': '6' }, SIGNED, 'IncompleteBody'],
  ['no length', ['hello'], {}, SIGNED, 'MissingContentLength'],
  ['chunks, cut anywhere', ['3\r', '\nhel\r\n2', '\r\nlo\r\n0\r\n', trailer(CRC)], decoded, TRAILED, 'hello'],
  ['chunks with a digest of another body behind them', ['5\r\nhello\r\n0\r\n', trailer('AAAAAA==')], decoded, TRAILED, 'BadDigest'],
  ['chunks without their end', ['5\r\nhello\r\n'], decoded, TRAILED, 'IncompleteBody'],
  ['no chunks at all', ['hello\r\n'], decoded, TRAILED, 'IncompleteBody'],
  ['chunks that are signed one by one', ['x'], decoded, 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'NotImplemented'],
]
for (const [what, pieces, headers, payload, answer] of ROWS) {
  it(`${what}: ${answer}`, async () => expect(await take(pieces, headers, payload)).toBe(answer))
}
