/**
 * `Logout`: ends the session of the browser that asks.
 */
import type { Request, Response } from 'express'
import { exchangeOf } from '../api/exchange.ts'
import type { Login } from '../auth/login.ts'
import { clearCookie, LOGIN_COOKIE, SESSION_COOKIE } from '../auth/tokens/cookies.ts'
import { isFormTokenOf } from '../auth/tokens/form-token.ts'
import type { LoggedOut } from '../auth/web/web-logout.ts'
import type { SecretHash } from '../stores/login-rows.ts'
import { foreignFormPage, readFields } from './forms.ts'
import { loggedOutPage } from './home-page.ts'
import { baseOf } from './links.ts'
import { show, visitOf } from './visit.ts'

export interface LogoutParts {
  readonly login: Login
  readonly logOut: (session: SecretHash) => Promise<LoggedOut>
  readonly publicUrl: () => string
}

export function createLogoutHandler({ login, logOut, publicUrl }: LogoutParts): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    const base = baseOf(publicUrl())
    const visit = visitOf(login, request)
    const { id } = exchangeOf(request)
    if (visit.kind === 'cross-site') return show(response, foreignFormPage(id, base, visit.says), publicUrl())
    let done: LoggedOut = { untold: false }
    if (visit.kind === 'visitor') {
      const { session } = visit.visitor
      if (!isFormTokenOf(session, readFields(request.body).form_token)) return show(response, foreignFormPage(id, base), publicUrl())
      done = await logOut(session)
    }
    response.setHeader('Set-Cookie', [clearCookie(SESSION_COOKIE), clearCookie(LOGIN_COOKIE)])
    show(response, loggedOutPage(done, base), publicUrl())
  }
}
