/**
 * The coded form of a document at rest: AES-256-GCM under a key of the ring, bound to what the document is by additional data, so that no
 * coded text can be put in another's place. Long texts are compressed first, if that makes them shorter.
 *
 * `format (1) · flags · length of the key id · key id · nonce (12 bytes) · cipher text · tag (16 bytes)`; all before the nonce is bound too.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { KeyRing } from './key-ring.ts'

const FORMAT = 1
const COMPRESSED = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Below this, the time of compressing costs more than the bytes. */
const COMPRESS_FROM_BYTES = 4096

/** A coded text that cannot be read: its key is missing, or it was changed or moved. */
export class CodecError extends Error {
  override readonly name = 'CodecError'
}

/** `name` says what the text is, for instance `work:ID:document`; the same name is needed to decode it. */
export function encode(keys: KeyRing, name: string, text: string): Uint8Array {
  const key = keys.newest('documents')
  const plain = Buffer.from(text, 'utf8')
  const shorter = plain.length >= COMPRESS_FROM_BYTES ? deflateRawSync(plain, { level: 1 }) : plain
  const compressed = shorter.length < plain.length
  const id = Buffer.from(key.id, 'latin1')
  const header = Buffer.concat([Buffer.of(FORMAT, compressed ? COMPRESSED : 0, id.length), id])
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key.secret, nonce).setAAD(bind(header, name))
  return Buffer.concat([header, nonce, cipher.update(compressed ? shorter : plain), cipher.final(), cipher.getAuthTag()])
}

/** Throws `CodecError`. */
export function decode(keys: KeyRing, name: string, coded: Uint8Array): string {
  const bytes = Buffer.from(coded.buffer, coded.byteOffset, coded.byteLength)
  const headerEnd = 3 + (bytes[2] ?? 0)
  if (bytes[0] !== FORMAT || bytes.length < headerEnd + NONCE_BYTES + TAG_BYTES) throw new CodecError(`${name}: not a coded text`)
  const keyId = bytes.toString('latin1', 3, headerEnd)
  const key = keys.find('documents', keyId)
  if (!key) throw new CodecError(`${name}: the documents key ${keyId} is missing`)
  const nonceEnd = headerEnd + NONCE_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key.secret, bytes.subarray(headerEnd, nonceEnd), { authTagLength: TAG_BYTES })
    .setAAD(bind(bytes.subarray(0, headerEnd), name))
    .setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    // In this mode all bytes come from the first call; the second one only judges the tag.
    const plain = decipher.update(bytes.subarray(nonceEnd, -TAG_BYTES))
    decipher.final()
    return (bytes[1] === COMPRESSED ? inflateRawSync(plain) : plain).toString('utf8')
  } catch (cause) {
    throw new CodecError(`${name}: the coded text was changed or belongs to another document`, { cause })
  }
}

function bind(header: Buffer, name: string): Buffer {
  return Buffer.concat([header, Buffer.from(name, 'utf8')])
}
