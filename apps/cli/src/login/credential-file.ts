/**
 * The one file with the credentials of this user, by the address of the broker, its path included: `portolan/credentials.json` in the folder of configurations (XDG).
 * Nobody else may read it, or its folder; else nothing of it is used. It is replaced as a whole: whoever reads sees the old one or the new one.
 */
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import * as z from 'zod/mini'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'

/** What a login at one server left. Times are ms since 1970, by the clock of this machine. */
const StoredLogin = z.object({
  /** The address of the broker, without the path of an API: the key under which the login is kept. */
  server: z.string(),
  /** The name under which this device logged in: a refresh token is good for it alone. */
  clientId: z.string(),
  accessToken: z.string(),
  refreshToken: z.string(),
  obtainedAt: z.number(),
  expiresAt: z.number(),
  scopes: z.array(z.string()),
  project: z.optional(z.string()),
})
export type StoredLogin = z.infer<typeof StoredLogin>

const Credentials = z.object({ version: z.literal(1), servers: z.record(z.string(), StoredLogin) })
type Credentials = z.infer<typeof Credentials>

const OTHERS = 0o077
const OTHERS_WRITE = 0o022

/** Where the file is; undefined if the user has no folder of configurations. */
export function credentialPath(env: NodeJS.ProcessEnv): string | undefined {
  const own = [env.XDG_CONFIG_HOME, env.HOME && join(env.HOME, '.config')].find(path => path && isAbsolute(path))
  return own && join(own, 'portolan', 'credentials.json')
}

/** The login at the broker of this address. Throws a `Failure` for a file that others may read, or that is damaged. */
export async function readLogin(path: string, root: string): Promise<StoredLogin | undefined> {
  return (await readAll(path)).find(({ server }) => server === root)
}

/** Stores the login, or forgets it. Only for who holds the lock. */
export async function writeLogin(path: string, root: string, login: StoredLogin | undefined): Promise<void> {
  const others = (await readAll(path)).filter(({ server }) => server !== root)
  const kept = login ? [...others, login] : others
  const all: Credentials = { version: 1, servers: Object.fromEntries(kept.map(one => [one.server, one])) }
  await replace(path, `${JSON.stringify(all, undefined, 2)}\n`)
}

/** The folder of the file, for this user alone. */
export async function makeFolder(path: string): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (((await stat(folder)).mode & OTHERS) !== 0) await chmod(folder, 0o700)
}

/** A login says itself where it is good: files that name it by its origin alone are read as well. */
async function readAll(path: string): Promise<readonly StoredLogin[]> {
  const text = await readGuarded(path)
  if (text === undefined) return []
  const parsed = Credentials.safeParse(parseJson(text))
  if (parsed.success) return Object.values(parsed.data.servers)
  throw new Failure(`${path} is no file of credentials that this command understands`, {
    exitCode: EXIT.failed,
    fix: 'Remove it, and log in again with portolan login.',
  })
}

async function readGuarded(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, 'r')
    const { mode, uid } = await file.stat()
    const folder = await stat(dirname(path))
    if ((mode & OTHERS) !== 0) throw refuse(path, 'others may read it', `chmod 600 ${path}`)
    if ((folder.mode & OTHERS_WRITE) !== 0) throw refuse(path, 'others may write to its folder', `chmod 700 ${dirname(path)}`)
    if (process.getuid !== undefined && uid !== process.getuid()) throw refuse(path, 'it belongs to somebody else', `rm ${path}`)
    return await file.readFile('utf8')
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (error instanceof Failure || code === undefined) throw error
    throw new Failure(`${path} cannot be read (${code})`, { exitCode: EXIT.failed, fix: 'Make it readable for yourself.', cause: error })
  }
}

function refuse(path: string, why: string, command: string): Failure {
  const fix = `Treat what is in it as known to others: ${command}, then log in again with portolan login.`
  return new Failure(`The credentials in ${path} are not used: ${why}`, { exitCode: EXIT.denied, fix })
}

async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    await using file = await open(draft, 'wx', 0o600)
    await file.writeFile(text)
    await file.sync()
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw new Failure(`${path} cannot be written (${codeOf(error) ?? String(error)})`, {
      exitCode: EXIT.failed,
      fix: 'Make room, or let XDG_CONFIG_HOME name a folder that you may write to.',
      cause: error,
    })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
