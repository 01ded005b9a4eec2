/**
 * One file of keys, oldest first, with mode 0600: read, made at the first start, added to. A file that cannot be understood is never replaced.
 * Two processes that make it at once agree on one, because only one of them can link it into place.
 */
import { randomBytes } from 'node:crypto'
import { link, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

/** A key file that cannot be read or understood. Nothing is made in its place. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError'
}

/** What every key in a file has, whatever it is for. */
export const KEY_FIELDS = { id: z.string().regex(/^[a-z0-9]{1,32}$/), createdAt: z.iso.datetime() }

interface StoredKey {
  readonly id: string
  readonly createdAt: string
}

/** What one file holds: its purpose is its name. */
export interface KeyFileKind<Stored extends StoredKey> {
  readonly purpose: string
  readonly key: z.ZodType<Stored>
  readonly make: (id: string, createdAt: string) => Stored
}

export type StoredKeys<Stored> = readonly [Stored, ...Stored[]]

/** The keys of the file, which is made with a first one if it is not there. Throws `KeyFileError`. */
export async function openKeyFile<Stored extends StoredKey>(dir: string, kind: KeyFileKind<Stored>): Promise<StoredKeys<Stored>> {
  return (await findKeys(dir, kind)) ?? (await makeKeyFile(dir, kind))
}

/** The keys of a file that must be there. Throws `KeyFileError`. */
export async function readKeyFile<Stored extends StoredKey>(dir: string, kind: KeyFileKind<Stored>): Promise<StoredKeys<Stored>> {
  const keys = await findKeys(dir, kind)
  if (!keys) throw new KeyFileError(`${pathOf(dir, kind)} is not there; restore it from a backup`)
  return keys
}

/** Adds a new key as the last; answers its id. Throws `KeyFileError`. */
export async function addKey<Stored extends StoredKey>(dir: string, kind: KeyFileKind<Stored>): Promise<string> {
  const path = pathOf(dir, kind)
  const key = makeKey(kind)
  const draft = await writeDraft(path, kind, [...(await readKeyFile(dir, kind)), key])
  await rename(draft, path)
  await syncFolder(dir)
  return key.id
}

async function makeKeyFile<Stored extends StoredKey>(dir: string, kind: KeyFileKind<Stored>): Promise<StoredKeys<Stored>> {
  const path = pathOf(dir, kind)
  try {
    const draft = await writeDraft(path, kind, [makeKey(kind)])
    await link(draft, path).catch(failure => {
      if (!isCode(failure, 'EEXIST')) throw failure
    })
    await rm(draft)
    await syncFolder(dir)
  } catch (cause) {
    throw new KeyFileError(`${path} cannot be made (${messageOf(cause)}); let this user write to ${dir}`, { cause })
  }
  return await readKeyFile(dir, kind)
}

/** The keys of a file; undefined: there is no such file. Throws `KeyFileError`. */
export async function findKeys<Stored extends StoredKey>(dir: string, kind: KeyFileKind<Stored>): Promise<StoredKeys<Stored> | undefined> {
  const path = pathOf(dir, kind)
  const text = await readFile(path, 'utf8').catch(cause => {
    if (isCode(cause, 'ENOENT')) return undefined
    const fix = 'make it a file that this user may read, or restore it from a backup'
    throw new KeyFileError(`${path} cannot be read (${messageOf(cause)}); ${fix}`, { cause })
  })
  if (text === undefined) return undefined
  const parsed = z.strictObject({ purpose: z.literal(kind.purpose), keys: z.array(kind.key) }).safeParse(parseJson(text))
  const [first, ...rest] = parsed.data?.keys ?? []
  if (!first)
    throw new KeyFileError(`${path}: not a key file for ${kind.purpose}; restore it from a backup (${LOST[kind.purpose] ?? LOST.other})`)
  return [first, ...rest]
}

const LOST: Readonly<Record<string, string>> & { readonly other: string } = {
  tokens: 'with a new one everybody would have to log in again',
  other: 'a new one could not read what is stored',
}

function pathOf(dir: string, { purpose }: { readonly purpose: string }): string {
  return join(dir, `${purpose}.json`)
}

function makeKey<Stored extends StoredKey>(kind: KeyFileKind<Stored>): Stored {
  return kind.make(randomBytes(5).toString('hex'), new Date().toISOString())
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function writeDraft(path: string, { purpose }: { readonly purpose: string }, keys: readonly StoredKey[]): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify({ purpose, keys }, null, 2)}\n`)
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
