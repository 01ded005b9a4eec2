/**
 * What a client says of itself and asks for. Pure.
 *
 * Clients are public and need no registration: `client_id` is what the device calls itself, for instance `portolan-cli on ada-laptop`. It is shown
 * to the person who approves and in their list of logins, and everything that the client gets is bound to it; it proves nothing.
 */
import type { Scope } from '../principal.ts'
import { type OAuthRefused, refuse } from './refused.ts'

const MOST_CHARACTERS = 80
/** One line of a few plain characters, which can pretend nothing on a page or in a terminal. */
const CLIENT_ID = /^[A-Za-z0-9](?: ?[A-Za-z0-9._@()-])*$/

export type Read<Value> = { readonly outcome: 'read'; readonly value: Value } | OAuthRefused

export function readClientId(text: string | undefined): Read<string> {
  if (text === undefined) return refuse('invalid_request', 'client_id is missing: send what the device calls itself.')
  if (text.length <= MOST_CHARACTERS && CLIENT_ID.test(text)) return { outcome: 'read', value: text }
  const form = `at most ${MOST_CHARACTERS} letters, digits, single blanks and . _ - @ ( ), with a letter or digit first`
  return refuse('invalid_request', `client_id has a form that it cannot have: send ${form}.`)
}

const SCOPES: readonly Scope[] = ['read', 'write', 'admin']

/** Words with single blanks between (RFC 6749, section 3.3), each once in the answer. `held`: what may be asked for, all of it where nothing is. */
export function readScope(text: string | undefined, held: readonly Scope[]): Read<readonly Scope[]> {
  if (text === undefined) return { outcome: 'read', value: held }
  const words = text.split(' ')
  const isScope = (word: string): boolean => SCOPES.some(scope => scope === word)
  if (!words.every(isScope))
    return refuse('invalid_scope', `There are the scopes ${SCOPES.join(', ')}: name some of them, with blanks between.`)
  const value = SCOPES.filter(scope => words.includes(scope))
  if (value.every(scope => held.includes(scope))) return { outcome: 'read', value }
  return refuse('invalid_scope', `More is asked for than was granted: ${held.join(', ')}. Leave scope out for all of it.`)
}
