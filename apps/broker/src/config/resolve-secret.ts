/**
 * Fetches a secret from where its reference points.
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Secret } from './secret.ts'

export interface SecretFailure {
  readonly message: string
  readonly fix: string
}

/** The secret behind `env:NAME` or `file:PATH` (relative to the file that names it; one line break at the end is dropped), or why there is none. */
export async function resolveSecret(ref: string, folder: string, env: NodeJS.ProcessEnv): Promise<Secret | SecretFailure> {
  if (ref.startsWith('env:')) {
    const name = ref.slice('env:'.length)
    const value = env[name]
    if (value === undefined || value === '')
      return { message: `names the environment variable ${name}, which is not set`, fix: `set ${name}` }
    return new Secret(value)
  }
  const path = resolve(folder, ref.slice('file:'.length))
  try {
    const value = (await readFile(path, 'utf8')).replace(/\r?\n$/, '')
    if (value === '') return { message: `names the file ${path}, which is empty`, fix: 'write the secret into it' }
    return new Secret(value)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return { message: `names the file ${path}, which cannot be read (${code})`, fix: 'create it, readable for the broker alone' }
  }
}
