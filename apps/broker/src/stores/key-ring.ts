/**
 * Keys at rest: one file for each purpose in `keys.dir`, made at the first start with mode 0600, holding every key that was ever used.
 * The newest key writes, all of them read, so a rotation needs no rewriting. A key file that is lost cannot be made again: what was coded
 * with its keys is gone. Two processes that start at once agree on one file, because only one of them can link it into place.
 */
import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

/** `documents`: what is stored; `tags`: signs our tags at sites; `persons`: digests of persons in events. */
export const KEY_PURPOSES = ['documents', 'tags', 'persons'] as const
export type KeyPurpose = (typeof KEY_PURPOSES)[number]

export interface Key {
  readonly id: string
  readonly secret: KeyObject
}

/** Plain data, so that it can be handed to a worker thread. Keys stand oldest first; none of the lists is empty. */
export type KeyRingKeys = Readonly<Record<KeyPurpose, readonly [Key, ...Key[]]>>

export interface KeyRing {
  readonly keys: KeyRingKeys
  /** The key that writes. */
  newest(purpose: KeyPurpose): Key
  find(purpose: KeyPurpose, id: string): Key | undefined
  /** HMAC-SHA-256 in base64url by the newest key, and that key's id; by the key `keyId` if it is given (undefined if the ring lacks it). */
  hmac(purpose: KeyPurpose, text: string): { readonly keyId: string; readonly mac: string }
  hmac(purpose: KeyPurpose, text: string, keyId: string): { readonly keyId: string; readonly mac: string } | undefined
  /** Whether `mac` is that of the text by the key `keyId`, compared in constant time. */
  verify(purpose: KeyPurpose, text: string, keyId: string, mac: string): boolean
}

/** A key file that cannot be read or understood. Nothing is made in its place. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError'
}

const KeyFile = z.strictObject({
  purpose: z.enum(KEY_PURPOSES),
  keys: z.array(z.strictObject({ id: z.string().regex(/^[a-z0-9]{1,32}$/), createdAt: z.string(), secret: z.base64().length(44) })).min(1),
})
type KeyFile = z.infer<typeof KeyFile>

/** Makes a ring of keys that are already there. */
export function createKeyRing(keys: KeyRingKeys): KeyRing {
  const newest = (purpose: KeyPurpose): Key => keys[purpose].at(-1) ?? keys[purpose][0]
  const find = (purpose: KeyPurpose, id: string) => keys[purpose].find(key => key.id === id)
  function hmac(purpose: KeyPurpose, text: string): { readonly keyId: string; readonly mac: string }
  function hmac(purpose: KeyPurpose, text: string, keyId: string): { readonly keyId: string; readonly mac: string } | undefined
  function hmac(purpose: KeyPurpose, text: string, keyId?: string) {
    const key = keyId === undefined ? newest(purpose) : find(purpose, keyId)
    return key && { keyId: key.id, mac: createHmac('sha256', key.secret).update(text).digest('base64url') }
  }
  const verify = (purpose: KeyPurpose, text: string, keyId: string, mac: string) => {
    const right = hmac(purpose, text, keyId)?.mac
    return right !== undefined && right.length === mac.length && timingSafeEqual(Buffer.from(right), Buffer.from(mac.padEnd(right.length)))
  }
  return { keys, newest, find, hmac, verify }
}

/** Opens the key files of a folder, making the folder (mode 0700) and what is missing. Throws `KeyFileError`. */
export async function openKeyRing(dir: string): Promise<KeyRing> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const [documents, tags, persons] = await Promise.all([openKeys(dir, 'documents'), openKeys(dir, 'tags'), openKeys(dir, 'persons')])
  return createKeyRing({ documents, tags, persons })
}

/** Adds a new key that writes from the next start on; answers its id. */
export async function rotateKey(dir: string, purpose: KeyPurpose): Promise<string> {
  const path = join(dir, `${purpose}.json`)
  const file = await readPresentKeyFile(path, purpose)
  const key = makeKey()
  const draft = await writeDraft(path, { ...file, keys: [...file.keys, key] })
  await rename(draft, path)
  await syncFolder(dir)
  return key.id
}

async function openKeys(dir: string, purpose: KeyPurpose): Promise<readonly [Key, ...Key[]]> {
  const path = join(dir, `${purpose}.json`)
  const file = (await readKeyFile(path, purpose)) ?? (await makeKeyFile(dir, path, purpose))
  const [first, ...rest] = file.keys.map(({ id, secret }) => ({ id, secret: createSecretKey(secret, 'base64') }))
  if (!first) throw new KeyFileError(`${path}: it holds no key; restore it from a backup`)
  return [first, ...rest]
}

async function makeKeyFile(dir: string, path: string, purpose: KeyPurpose): Promise<KeyFile> {
  try {
    const draft = await writeDraft(path, { purpose, keys: [makeKey()] })
    await link(draft, path).catch(failure => {
      if (!isCode(failure, 'EEXIST')) throw failure
    })
    await rm(draft)
    await syncFolder(dir)
  } catch (cause) {
    throw new KeyFileError(`${path} cannot be made (${messageOf(cause)}); let this user write to ${dir}`, { cause })
  }
  return await readPresentKeyFile(path, purpose)
}

async function readPresentKeyFile(path: string, purpose: KeyPurpose): Promise<KeyFile> {
  const file = await readKeyFile(path, purpose)
  if (!file) throw new KeyFileError(`${path} is not there; restore it from a backup`)
  return file
}

/** Undefined: there is no such file. */
async function readKeyFile(path: string, purpose: KeyPurpose): Promise<KeyFile | undefined> {
  const text = await readFile(path, 'utf8').catch(cause => {
    if (isCode(cause, 'ENOENT')) return undefined
    const fix = 'make it a file that this user may read, or restore it from a backup'
    throw new KeyFileError(`${path} cannot be read (${messageOf(cause)}); ${fix}`, { cause })
  })
  if (text === undefined) return undefined
  const parsed = KeyFile.safeParse(parseJson(text))
  if (!parsed.success || parsed.data.purpose !== purpose) {
    throw new KeyFileError(`${path}: not a key file for ${purpose}; restore it from a backup (a new one could not read what is stored)`)
  }
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function makeKey(): KeyFile['keys'][number] {
  return { id: randomBytes(5).toString('hex'), createdAt: new Date().toISOString(), secret: randomBytes(32).toString('base64') }
}

async function writeDraft(path: string, file: KeyFile): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify(file, null, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return draft
}

async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
