/**
 * Keys at rest: one file for each purpose in `keys.dir`, made at the first start with mode 0600, holding every key that was ever used.
 * The newest key writes, all of them read, so a rotation needs no rewriting. A key file that is lost cannot be made again: what was coded
 * with its keys is gone. The key pairs of `tokens` are read by `signing-key-file.ts`; all other purposes have secrets, and are the ring.
 */
import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import * as z from 'zod'
import { addKey, findKeys, KEY_FIELDS, type KeyFileKind, openKeyFile } from './key-file.ts'
import { SIGNING_KEYS } from './signing-key-file.ts'

export { KeyFileError } from './key-file.ts'

/** `documents`: what is stored; `tags`: signs our tags at sites; `persons`: digests of persons in events. */
export const SECRET_PURPOSES = ['documents', 'tags', 'persons'] as const
export type SecretPurpose = (typeof SECRET_PURPOSES)[number]

/** Beside those `tokens`: key pairs that sign what we give to people who log in. */
export const KEY_PURPOSES = [...SECRET_PURPOSES, 'tokens'] as const
export type KeyPurpose = (typeof KEY_PURPOSES)[number]

export interface Key {
  readonly id: string
  readonly secret: KeyObject
}

/** Plain data, so that it can be handed to a worker thread. Keys stand oldest first; none of the lists is empty. */
export type KeyRingKeys = Readonly<Record<SecretPurpose, readonly [Key, ...Key[]]>>

export interface KeyRing {
  readonly keys: KeyRingKeys
  /** The key that writes. */
  newest(purpose: SecretPurpose): Key
  find(purpose: SecretPurpose, id: string): Key | undefined
  /** HMAC-SHA-256 in base64url by the newest key, and that key's id; by the key `keyId` if it is given (undefined if the ring lacks it). */
  hmac(purpose: SecretPurpose, text: string): { readonly keyId: string; readonly mac: string }
  hmac(purpose: SecretPurpose, text: string, keyId: string): { readonly keyId: string; readonly mac: string } | undefined
  /** Whether `mac` is that of the text by the key `keyId`, compared in constant time. */
  verify(purpose: SecretPurpose, text: string, keyId: string, mac: string): boolean
}

/** Makes a ring of keys that are already there. */
export function createKeyRing(keys: KeyRingKeys): KeyRing {
  const newest = (purpose: SecretPurpose): Key => keys[purpose].at(-1) ?? keys[purpose][0]
  const find = (purpose: SecretPurpose, id: string) => keys[purpose].find(key => key.id === id)
  function hmac(purpose: SecretPurpose, text: string): { readonly keyId: string; readonly mac: string }
  function hmac(purpose: SecretPurpose, text: string, keyId: string): { readonly keyId: string; readonly mac: string } | undefined
  function hmac(purpose: SecretPurpose, text: string, keyId?: string) {
    const key = keyId === undefined ? newest(purpose) : find(purpose, keyId)
    return key && { keyId: key.id, mac: createHmac('sha256', key.secret).update(text).digest('base64url') }
  }
  const verify = (purpose: SecretPurpose, text: string, keyId: string, mac: string) => {
    const right = hmac(purpose, text, keyId)?.mac
    return right !== undefined && right.length === mac.length && timingSafeEqual(Buffer.from(right), Buffer.from(mac.padEnd(right.length)))
  }
  return { keys, newest, find, hmac, verify }
}

/** The ids of the secrets that lie in a folder. Makes nothing. Throws `KeyFileError`. */
export async function readKeyIds(dir: string): Promise<Readonly<Record<SecretPurpose, readonly string[]>>> {
  const idsOf = async (purpose: SecretPurpose) => ((await findKeys(dir, secretsOf(purpose))) ?? []).map(({ id }) => id)
  const [documents, tags, persons] = await Promise.all([idsOf('documents'), idsOf('tags'), idsOf('persons')])
  return { documents, tags, persons }
}

/** Opens the key files of a folder, making the folder (mode 0700) and what is missing, that of `tokens` too. Throws `KeyFileError`. */
export async function openKeyRing(dir: string): Promise<KeyRing> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const [documents, tags, persons] = await Promise.all([
    openSecrets(dir, 'documents'),
    openSecrets(dir, 'tags'),
    openSecrets(dir, 'persons'),
    openKeyFile(dir, SIGNING_KEYS),
  ])
  return createKeyRing({ documents, tags, persons })
}

/** Adds a new key that counts from the next start on, those of `tokens` sooner (`signing-keys.ts`); answers its id. Throws `KeyFileError`. */
export async function rotateKey(dir: string, purpose: KeyPurpose): Promise<string> {
  return purpose === 'tokens' ? await addKey(dir, SIGNING_KEYS) : await addKey(dir, secretsOf(purpose))
}

const StoredSecret = z.strictObject({ ...KEY_FIELDS, secret: z.base64().length(44) })
type StoredSecret = z.infer<typeof StoredSecret>

function secretsOf(purpose: SecretPurpose): KeyFileKind<StoredSecret> {
  return { purpose, key: StoredSecret, make: (id, createdAt) => ({ id, createdAt, secret: randomBytes(32).toString('base64') }) }
}

async function openSecrets(dir: string, purpose: SecretPurpose): Promise<readonly [Key, ...Key[]]> {
  const [first, ...rest] = await openKeyFile(dir, secretsOf(purpose))
  return [toKey(first), ...rest.map(toKey)]
}

function toKey({ id, secret }: StoredSecret): Key {
  return { id, secret: createSecretKey(secret, 'base64') }
}
