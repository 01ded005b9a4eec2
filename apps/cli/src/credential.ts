/**
 * Who asks: a token, or a user name with the token as password. It comes from a reference or from `PORTOLAN_TOKEN`, and no message repeats it.
 */
import { resolveSecret } from '@portolan/broker/secret'
import { type AuthProvider, basic, bearer } from '@portolan/ga4gh'
import { Failure } from './failure.ts'
import type { Settings } from './settings.ts'

const REFERENCE = /^(env:[A-Za-z_]\w*|file:.+)$/
/** What a header of its own can carry (RFC 6750, section 2.1, and somewhat more). */
const HEADER_SAFE = /^[\x21-\x7e]+$/

/** The provider of the headers; undefined: nobody in particular asks. */
export async function readCredential(
  { tokenRef, user }: Pick<Settings, 'tokenRef' | 'user'>,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<AuthProvider | undefined> {
  const token = tokenRef === undefined ? env.PORTOLAN_TOKEN || undefined : await fetchSecret(tokenRef, env, cwd)
  if (user !== undefined && user !== '') {
    if (user.includes(':')) throw new Failure('A user name for HTTP basic holds no colon', { fix: 'Give the name alone with --user.' })
    if (token === undefined)
      throw new Failure('--user is given, but no password', { fix: 'Name it with --token-ref env:NAME or file:PATH.' })
    return basic(user, token)
  }
  if (token === undefined) return undefined
  if (!HEADER_SAFE.test(token)) {
    throw new Failure('The token holds blanks, line ends or characters beyond ASCII', { fix: 'Put the token alone where it is read from.' })
  }
  return bearer(token)
}

async function fetchSecret(reference: string, env: NodeJS.ProcessEnv, cwd: string): Promise<string> {
  if (!REFERENCE.test(reference)) {
    throw new Failure('--token-ref is not a reference to a secret', { fix: 'Write env:NAME or file:PATH, never the token itself.' })
  }
  const found = await resolveSecret(reference, cwd, env)
  if ('fix' in found) throw new Failure(`--token-ref ${found.message}`, { fix: `To mend it, ${found.fix}.` })
  return found.secret.reveal()
}
