/**
 * The key pairs that sign our tokens, as they lie in `keys.dir`: ES256 alone, the private part as PKCS #8.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import * as z from 'zod'
import type { SigningKey, SigningKeys } from '../auth/tokens/signing-keys.ts'
import { KEY_FIELDS, KeyFileError, type KeyFileKind, readKeyFile } from './key-file.ts'

const StoredKeyPair = z.strictObject({ ...KEY_FIELDS, algorithm: z.literal('ES256'), privateKey: z.base64().min(100).max(400) })
type StoredKeyPair = z.infer<typeof StoredKeyPair>

export const SIGNING_KEYS: KeyFileKind<StoredKeyPair> = {
  purpose: 'tokens',
  key: StoredKeyPair,
  make(id, createdAt) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const stored = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
    return { id, createdAt, algorithm: 'ES256', privateKey: stored }
  },
}

/** The keys in the folder, oldest first. Throws `KeyFileError`. */
export async function readSigningKeys(dir: string): Promise<SigningKeys> {
  const [first, ...rest] = await readKeyFile(dir, SIGNING_KEYS)
  return [toSigningKey(first), ...rest.map(toSigningKey)]
}

function toSigningKey({ id, createdAt, privateKey: stored }: StoredKeyPair): SigningKey {
  try {
    const privateKey = createPrivateKey({ key: Buffer.from(stored, 'base64'), format: 'der', type: 'pkcs8' })
    if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new TypeError('it is not of the curve P-256')
    return { id, createdAt: Date.parse(createdAt), privateKey, publicKey: createPublicKey(privateKey) }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new KeyFileError(`tokens.json: the key ${id} cannot be used (${message}); restore the file from a backup`, { cause })
  }
}
