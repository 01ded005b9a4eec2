/**
 * Logout: here at once, and then at the login as far as it answers. Its refresh token is revoked and forgotten, unless a device, one that was let in, or a
 * personal token of the person still lives by it: what they may do is asked with it while they are away.
 */
import { buildEndSessionUrl, tokenRevocation } from 'openid-client'
import type { PersonRef, SecretHash } from '../../stores/login-rows.ts'
import { readLiveAccess } from '../live-access.ts'
import type { Login } from '../login.ts'
import { SYSTEM } from '../principal.ts'
import { readSessionData } from './web-data.ts'

const DEADLINE_MS = 5_000

export interface WebLogoutParts {
  readonly login: Login
  /** ms since 1970. */
  readonly now: () => number
  /** Takes why the login could not be told. */
  readonly report: (cause: unknown) => void
}

export interface LoggedOut {
  /** The name of the login that they came by; absent: it is admitted no more, or nobody was logged in. */
  readonly loginName?: string | undefined
  /** Where the browser goes to end its session at the login too. */
  readonly endSessionUrl?: string | undefined
  /** The login did not answer. */
  readonly untold: boolean
}

/** Answers how to log out by the hash of a session. */
export function createWebLogout({ login, now, report }: WebLogoutParts): (session: SecretHash) => Promise<LoggedOut> {
  const { store } = login

  /** Forgets the refresh token here, and answers what the login is to forget. */
  async function forget(person: PersonRef, own: string | undefined): Promise<ReadonlySet<string>> {
    const { approved, devices, tokens } = readLiveAccess(store, SYSTEM, person, now())
    if (approved.length + devices.length + tokens.length > 0) return new Set()
    const { upstreamRefresh: stored } = await store.execute({ kind: 'forgetUpstream', principal: SYSTEM, person })
    return new Set([own, stored].filter(token => token !== undefined))
  }

  return async session => {
    const ended = await store.execute({ kind: 'endSession', hash: session, now: now() })
    login.known.session(session)
    const issuer = ended.outcome === 'ended' ? login.issuers.find(({ issuer }) => issuer === ended.owner.issuer) : undefined
    if (ended.outcome !== 'ended' || issuer === undefined) return { untold: false }
    const { idToken, refreshToken } = readSessionData(ended.dataText)
    const tokens = await forget(ended.owner, refreshToken)
    try {
      const configuration = await issuer.open(AbortSignal.timeout(DEADLINE_MS))
      const { revocation_endpoint: revocation, end_session_endpoint: endSession } = configuration.serverMetadata()
      if (revocation !== undefined) for (const token of tokens) await tokenRevocation(configuration, token)
      if (endSession === undefined) return { loginName: issuer.name, untold: false }
      const parameters = { id_token_hint: idToken, post_logout_redirect_uri: `${login.ownIssuer()}/app` }
      return { loginName: issuer.name, endSessionUrl: buildEndSessionUrl(configuration, parameters).href, untold: false }
    } catch (cause) {
      report(cause)
      return { loginName: issuer.name, untold: true }
    }
  }
}
