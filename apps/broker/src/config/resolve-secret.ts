/**
 * Fetches a secret from where its reference points.
 */
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Secret } from './secret.ts'

export interface SecretFailure {
  readonly message: string
  readonly fix: string
}

export interface FoundSecret {
  readonly secret: Secret
  /** The permissions of its file, as in `0o600`; absent where it is in no file. */
  readonly mode?: number
}

/** What is wrong with a secret itself. */
export type JudgeSecret = (secret: string) => SecretFailure | undefined

/**
 * The secret behind `env:NAME` or `file:PATH` (relative to the file that names it; one line break at the end is dropped), or why there is none. One from
 * a file can be read again.
 */
export async function resolveSecret(
  ref: string,
  folder: string,
  env: NodeJS.ProcessEnv,
  judge: JudgeSecret = () => undefined,
): Promise<FoundSecret | SecretFailure> {
  if (ref.startsWith('env:')) {
    const name = ref.slice('env:'.length)
    const value = env[name]
    if (value === undefined || value === '')
      return { message: `names the environment variable ${name}, which is not set`, fix: `set ${name}` }
    return judge(value) ?? { secret: new Secret(value) }
  }
  const path = resolve(folder, ref.slice('file:'.length))
  try {
    const value = await readSecret(path)
    if (value === '') return { message: `names the file ${path}, which is empty`, fix: 'write the secret into it' }
    const { mode } = await stat(path)
    return judge(value) ?? { secret: new Secret(value, () => readAgain(path, judge)), mode: mode & 0o777 }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return { message: `names the file ${path}, which cannot be read (${code})`, fix: 'create it, readable for the broker alone' }
  }
}

async function readSecret(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).replace(/\r?\n$/, '')
}

/** A file that is just being replaced is no reason to forget what it held. */
async function readAgain(path: string, judge: JudgeSecret): Promise<string | undefined> {
  const value = await readSecret(path).catch(() => '')
  return value === '' || judge(value) !== undefined ? undefined : value
}
