/**
 * The pages of the broker: login and logout in the browser, who one is, and letting in devices. A cookie counts here and nowhere else, and nothing but
 * a cookie counts here. Plain HTML that needs no script. In open mode there is nobody to log in, and no page.
 */

import { randomBytes } from 'node:crypto'
import { HttpProblem } from '@portolan/tes/server'
import express, { type NextFunction, type Request, type Response, type Router } from 'express'
import type { Door } from '../api/door.ts'
import { exchangeOf } from '../api/exchange.ts'
import { describeFailure, type FailureLog } from '../api/fail.ts'
import { sendText } from '../api/respond.ts'
import { addRoutes, type Route } from '../api/routes.ts'
import type { DoorLimits } from '../auth/limits/door-limits.ts'
import type { Login } from '../auth/login.ts'
import type { ProjectDirectory } from '../auth/project-of.ts'
import { createWebLogin } from '../auth/web/web-login.ts'
import { createWebLogout } from '../auth/web/web-logout.ts'
import { createAccessHandler } from './access-handler.ts'
import { createDeviceHandlers } from './device-handlers.ts'
import { createHomeHandler } from './home-handler.ts'
import { ACCESS_PATH, baseOf, DEVICE_PATH, LOGIN_PATH, LOGOUT_PATH } from './links.ts'
import { createLoginHandlers } from './login-handlers.ts'
import { createLogoutHandler } from './logout-handler.ts'
import { sendPage } from './page.ts'
import { problemPage } from './problem-page.ts'
import { STYLE, STYLE_PATH } from './style.ts'

export interface AppParts {
  /** Undefined in open mode. */
  readonly login: Login | undefined
  readonly projects: ProjectDirectory
  readonly limits: Pick<DoorLimits, 'spendLogin' | 'spendCode' | 'returnCode'>
  readonly door: Door
  readonly publicUrl: () => string
  /** ms since 1970. */
  readonly now: () => number
  readonly log: FailureLog
}

const FORM_BYTES = 16 * 1024
const FIELDS = 20

const readForm = express.urlencoded({ extended: false, limit: FORM_BYTES, parameterLimit: FIELDS })

export function createAppRouter(parts: AppParts): Router {
  const { login, door, publicUrl, log } = parts
  const router = express.Router({ caseSensitive: true, strict: true })
  addRoutes(router, door, login === undefined ? withoutLogin() : withLogin(parts, login))
  router.all('/app/{*path}', () => {
    throw new HttpProblem(404, 'There is no page at this address.')
  })
  router.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const { status, title, message, headers } = describeFailure(error)
    const { id } = exchangeOf(request)
    if (status === 500) log.error({ requestId: id, err: error }, 'A page failed')
    const page = problemPage({ status, title, says: message, requestId: id }, baseOf(publicUrl()))
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, typeof value === 'string' ? value : [...value])
    sendPage(response, page, baseOf(publicUrl()))
  })
  return router
}

const OPERATIONS = [
  ['GET', '/app', 'ShowHome'],
  ['GET', LOGIN_PATH, 'StartLogin'],
  ['GET', '/app/callback/:issuer', 'CompleteLogin'],
  ['POST', LOGOUT_PATH, 'Logout'],
  ['POST', ACCESS_PATH, 'EndAccess'],
  ['GET', DEVICE_PATH, 'ShowDevice'],
  ['POST', DEVICE_PATH, 'DecideDevice'],
  ['GET', STYLE_PATH, 'GetStyle'],
] as const
type Operation = (typeof OPERATIONS)[number][2]
/** They begin and end logins. */
const ACTS: readonly Operation[] = ['StartLogin', 'CompleteLogin']

function toRoutes(handlers: Readonly<Record<Operation, Route['handle']>>): readonly Route[] {
  return OPERATIONS.map(([method, path, operation]) => ({
    method,
    path,
    operation,
    handle: handlers[operation],
    ...(method === 'POST' && { readBody: readForm }),
    isAct: ACTS.includes(operation),
  }))
}

function withoutLogin(): readonly Route[] {
  const refuse = (): never => {
    throw new HttpProblem(404, 'Nobody logs in here: this broker runs in open mode, for the people of this machine.')
  }
  return toRoutes({
    ShowHome: refuse,
    StartLogin: refuse,
    CompleteLogin: refuse,
    Logout: refuse,
    EndAccess: refuse,
    ShowDevice: refuse,
    DecideDevice: refuse,
    GetStyle: sendStyle,
  })
}

function withLogin(parts: AppParts, login: Login): readonly Route[] {
  const { projects, limits, publicUrl, now, log } = parts
  const report = (cause: unknown): void => log.error({ requestId: '', err: cause }, 'A login could not be told of a logout')
  const shared = { login, publicUrl, now }
  const { startLogin, completeLogin } = createLoginHandlers({
    ...shared,
    web: createWebLogin({ login, random: randomBytes, now }),
    random: randomBytes,
    limits,
    log,
  })
  const { showDevice, decideDevice } = createDeviceHandlers({ ...shared, projects, limits })
  return toRoutes({
    ShowHome: createHomeHandler({ ...shared, projects }),
    StartLogin: startLogin,
    CompleteLogin: completeLogin,
    Logout: createLogoutHandler({ ...shared, logOut: createWebLogout({ login, now, report }) }),
    EndAccess: createAccessHandler(shared),
    ShowDevice: showDevice,
    DecideDevice: decideDevice,
    GetStyle: sendStyle,
  })
}

function sendStyle(_request: Request, response: Response): void {
  response.setHeader('Cache-Control', 'max-age=3600')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  sendText(response, STYLE, 'text/css; charset=utf-8')
}
