/**
 * Fetches the secrets of a declared credential.
 */
import { dirname } from 'node:path'
import type { LocationCredentialFile } from './location-file.ts'
import type { ConfigProblem } from './problem.ts'
import { resolveSecret } from './resolve-secret.ts'
import { Secret } from './secret.ts'
import type { CredentialFile } from './site-file.ts'
import type { Source } from './source.ts'
import type { Credential } from './types.ts'

/** The credential, or undefined where nothing speaks it yet (s3) or a secret is missing; what is missing is added to `problems`. */
export async function resolveCredential(
  source: Source,
  file: CredentialFile | LocationCredentialFile,
  env: NodeJS.ProcessEnv,
  problems: ConfigProblem[],
): Promise<Credential | undefined> {
  const fetchSecret = async (key: string, ref: string): Promise<Secret | undefined> => {
    const found = await resolveSecret(ref, dirname(source.file), env)
    if (found instanceof Secret) return found
    problems.push(source.problem(['credential', key], found.message, found.fix))
    return undefined
  }
  switch (file.kind) {
    case 'basic': {
      const password = await fetchSecret('passwordRef', file.passwordRef)
      return password && { kind: 'basic', username: file.username, password }
    }
    case 'bearer': {
      const token = await fetchSecret('tokenRef', file.tokenRef)
      return token && { kind: 'bearer', token }
    }
    case 's3':
      return undefined
  }
}
