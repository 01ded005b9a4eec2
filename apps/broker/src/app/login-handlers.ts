/**
 * `StartLogin` and `CompleteLogin`: to a login and back, with the cookies that belong to it.
 */
import type { Request, Response } from 'express'
import { admit } from '../api/admit.ts'
import { exchangeOf } from '../api/exchange.ts'
import type { FailureLog } from '../api/fail.ts'
import type { DoorLimits } from '../auth/limits/door-limits.ts'
import type { Login, LoginIssuer } from '../auth/login.ts'
import { readReturnTo } from '../auth/rules/return-to.ts'
import { LOGIN_COOKIE, readCookie, SESSION_COOKIE, setCookie } from '../auth/tokens/cookies.ts'
import { isBinding, makeBinding } from '../auth/tokens/login-secrets.ts'
import { readToken } from '../auth/tokens/opaque-token.ts'
import type { RandomSource } from '../auth/tokens/random-source.ts'
import type { LoginFailure } from '../auth/web/login-failure.ts'
import { PENDING_MS, type WebLogin } from '../auth/web/web-login.ts'
import type { SecretHash } from '../stores/login-rows.ts'
import { welcomePage } from './home-page.ts'
import { baseOf } from './links.ts'
import { redirect } from './page.ts'
import { problemPage } from './problem-page.ts'
import { readQuery, searchOf, show } from './visit.ts'

export interface LoginHandlerParts {
  readonly login: Login
  readonly web: WebLogin
  readonly random: RandomSource
  readonly limits: Pick<DoorLimits, 'spendLogin'>
  readonly publicUrl: () => string
  /** Each login that fails leaves a line: an error where operators may have to act, else a note. */
  readonly log: FailureLog
}

type Handle = (request: Request, response: Response) => Promise<void>

export function createLoginHandlers({ login, web, random, limits, publicUrl, log }: LoginHandlerParts): {
  readonly startLogin: Handle
  readonly completeLogin: Handle
} {
  const find = (id: string | undefined): LoginIssuer | undefined => login.issuers.find(issuer => issuer.id === id)

  function fail(request: Request, response: Response, failure: LoginFailure): void {
    const { id: requestId } = exchangeOf(request)
    const { status, says, fix, retryAfterSeconds, reason, cause } = failure
    const about = { requestId, status, ...(reason !== undefined && { reason }), ...(cause !== undefined && { err: cause }) }
    if (status > 500) log.error(about, says)
    else log.info(about, says)
    const title = status === 503 ? 'You cannot log in just now' : 'You are not logged in'
    show(response, problemPage({ status, title, says, fix, requestId, retryAfterSeconds }, baseOf(publicUrl())), publicUrl())
  }

  return {
    async startLogin(request, response) {
      const query = readQuery(request)
      const returnTo = readReturnTo(query('return_to'))
      if (returnTo === undefined) {
        return fail(request, response, {
          status: 400,
          says: 'return_to leads away from this broker.',
          fix: 'Give the path of a page below /app, or leave it out.',
        })
      }
      const asked = query('issuer')
      const issuer = asked === undefined && login.issuers.length === 1 ? login.issuers[0] : find(asked)
      if (issuer === undefined) {
        if (asked === undefined) return show(response, welcomePage(login.issuers, undefined, baseOf(publicUrl()), returnTo), publicUrl())
        return fail(request, response, unknownLogin(login.issuers))
      }
      admit(request, 'login', await limits.spendLogin(exchangeOf(request).address))
      const held = readCookie(request.headers.cookie, LOGIN_COOKIE)
      // Kept, so that a login in a second tab does not end the one in the first.
      const binding = held !== undefined && isBinding(held) ? held : makeBinding(random)
      const begun = await web.begin(issuer, binding, returnTo)
      if (begun.outcome === 'failed') return fail(request, response, begun.failure)
      redirect(response, begun.location, [setCookie(LOGIN_COOKIE, binding, PENDING_MS / 1_000)])
    },

    async completeLogin(request, response) {
      const issuer = find(String(request.params.issuer))
      if (issuer === undefined) return fail(request, response, unknownLogin(login.issuers))
      const { cookie } = request.headers
      const completed = await web.complete(issuer, {
        query: searchOf(request.url),
        binding: readCookie(cookie, LOGIN_COOKIE),
        replaces: sessionIn(cookie),
      })
      if (completed.outcome === 'failed') return fail(request, response, completed.failure)
      // The other cookie stays for its ten minutes: logins in further tabs are on their way by it, and each state counts once.
      redirect(response, `${baseOf(publicUrl())}${completed.returnTo}`, [setCookie(SESSION_COOKIE, completed.session)])
    },
  }
}

/** The session that this browser had, live or not. */
function sessionIn(cookies: string | undefined): SecretHash | undefined {
  const read = readToken(readCookie(cookies, SESSION_COOKIE) ?? '')
  return read.outcome === 'token' && read.kind === 'session' ? read.hash : undefined
}

function unknownLogin(issuers: readonly LoginIssuer[]): LoginFailure {
  const names = issuers.map(({ id }) => id).join(', ')
  return { status: 404, says: 'There is no such login here.', fix: `The logins of this broker are: ${names}.` }
}
