/**
 * The stored login of one server, kept good: its access token is renewed before it ends, and once where the server refuses it. Of two commands side
 * by side one refreshes and the other takes what that one got: a refresh token is good once, and twice would end the login.
 */
import { ApiError, type AuthProvider, type Fetch } from '@portolan/ga4gh'
import { EXIT } from '../exit-codes.ts'
import { describeFailure, Failure } from '../failure.ts'
import { readLogin, type StoredLogin, writeLogin } from './credential-file.ts'
import { lockCredentials } from './lock.ts'
import { type LoginServer, refresh, type Tokens } from './login-client.ts'

/** A token is renewed so long before it ends, or with a quarter of its life left if that is less. */
const MARGIN_MS = 60_000

/** For one refresh, its second try included. It is not broken off with the command: an answer that nobody stores would end the login. */
const REFRESH_MS = 30_000

export interface LoginKeeper extends AsyncDisposable {
  readonly auth: AuthProvider
  /** Sends; once more, with a new token, if the server does not take the one that was sent. A request that was refused so was not carried out. */
  readonly wrap: (send: Fetch) => Fetch
}

export interface KeeperParts {
  readonly path: string
  /** The address of the broker: what the tokens are good for. */
  readonly root: string
  readonly login: StoredLogin
  /** How to reach a broker: everything but who asks. */
  readonly reach: Omit<LoginServer, 'clientId' | 'baseUrl'>
}

export function keepLogin({ path, root, login, reach }: KeeperParts): LoginKeeper {
  let known = login
  let renewal: Promise<StoredLogin> | undefined
  let renewedAfterRefusal = ''

  /** What is good instead of this access token. One renewal serves all that ask meanwhile. */
  async function renew(instead: string): Promise<StoredLogin> {
    if (known.accessToken !== instead) return known
    renewal ??= renewLocked({ path, root, reach }, instead).finally(() => {
      renewal = undefined
    })
    known = await renewal
    return known
  }

  return {
    async auth() {
      if (Date.now() >= renewalTime(known)) {
        try {
          await renew(known.accessToken)
        } catch (error) {
          // While the broker cannot be asked, a token that has not ended is as good as it was.
          if (!(error instanceof ApiError)) throw error
          if (Date.now() >= known.expiresAt) throw notRenewed(root, error)
        }
      }
      return { authorization: `Bearer ${known.accessToken}` }
    },
    wrap: send => async (url, init) => {
      const answer = await send(url, init)
      const headers = new Headers(init.headers)
      const sent = headers.get('authorization')?.replace(/^Bearer /, '')
      if (answer.status !== 401 || sent === undefined || sent === renewedAfterRefusal || !isBelow(url, root)) return answer
      await answer.body?.cancel()
      const { accessToken } = await renew(sent).catch(error => throwAsRefused(root, error))
      renewedAfterRefusal = accessToken
      headers.set('authorization', `Bearer ${accessToken}`)
      return await send(url, { ...init, headers })
    },
    /** Waits for a renewal that is under way. */
    async [Symbol.asyncDispose]() {
      await renewal?.catch(() => undefined)
    },
  }
}

/** For a transport, which keeps apart what was sent and what was not. */
function throwAsRefused(root: string, error: unknown): never {
  const cause = error instanceof ApiError ? notRenewed(root, error) : error
  throw cause instanceof Failure ? new ApiError('unauthorized', cause.message, { delivery: 'not_sent', cause }) : cause
}

async function renewLocked({ path, root, reach }: Omit<KeeperParts, 'login'>, instead: string): Promise<StoredLogin> {
  using _lock = await lockCredentials(path, reach.signal)
  const stored = await readLogin(path, root)
  if (stored === undefined) throw loginOver(root, 'it was logged out')
  if (stored.accessToken !== instead && Date.now() < renewalTime(stored)) return stored
  const server = { ...reach, baseUrl: stored.server, clientId: stored.clientId, signal: AbortSignal.timeout(REFRESH_MS) }
  const ended = await refresh(server, stored.refreshToken)
  if (ended.outcome === 'refused') {
    await writeLogin(path, root, undefined)
    throw loginOver(root, ended.says)
  }
  const renewed = toStoredLogin(stored.server, stored.clientId, ended.tokens)
  await writeLogin(path, root, renewed)
  return renewed
}

export function toStoredLogin(server: string, clientId: string, tokens: Tokens): StoredLogin {
  const { accessToken, refreshToken, expiresAt, scopes, project } = tokens
  const bound = project === undefined ? {} : { project }
  return { server, clientId, accessToken, refreshToken, obtainedAt: Date.now(), expiresAt, scopes: [...scopes], ...bound }
}

/** Another broker may lie beside this one, at the same origin. */
function isBelow(url: string, root: string): boolean {
  return new URL(url).href.startsWith(`${root}/`)
}

/** A clock that was set back makes no token live longer than it was given. */
function renewalTime({ obtainedAt, expiresAt }: StoredLogin): number {
  if (Date.now() < obtainedAt) return 0
  return expiresAt - Math.min(MARGIN_MS, (expiresAt - obtainedAt) / 4)
}

/** The refresh token is as good as it was, so the login stays stored. */
function notRenewed(root: string, error: ApiError): Failure {
  const { exitCode, fix } = describeFailure(error)
  const why = (error.said ?? error.message).replace(/\.$/, '')
  const message = `The login at ${root} cannot be renewed now: ${why}`
  if (!REFUSED.has(error.reason ?? '')) return new Failure(message, { exitCode, fix, cause: error })
  return new Failure(message, { exitCode: EXIT.denied, fix: 'It is kept, and counts again once that is mended.', cause: error })
}

/** Somebody has decided so. */
const REFUSED: ReadonlySet<string> = new Set(['access_denied', 'invalid_scope'])

function loginOver(root: string, why: string): Failure {
  return new Failure(`The login at ${root} is over: ${why.replace(/\.$/, '')}`, {
    exitCode: EXIT.denied,
    fix: 'Log in again with portolan login.',
  })
}
