/**
 * The broker as the OAuth authorization server of its own command line and SDK: device authorization (RFC 8628), tokens (RFC 6749), revocation
 * (RFC 7009), keys (RFC 7517) and metadata (RFC 8414). Whoever may ask is told by the secret in the form, so no credential is looked at. In open
 * mode there is no login, and every route is 404.
 */
import { HttpProblem, sendJson } from '@portolan/tes/server'
import express, { type NextFunction, type Request, type Response, type Router } from 'express'
import type { DoorLimits } from '../auth/limits/door-limits.ts'
import type { Login } from '../auth/login.ts'
import { pollDevice, startDevice } from '../auth/oauth/device-flow.ts'
import type { Granted } from '../auth/oauth/grant-tokens.ts'
import { readClientId, readScope } from '../auth/oauth/read-asked.ts'
import { refreshLogin } from '../auth/oauth/refresh-login.ts'
import { type OAuthRefused, refuse } from '../auth/oauth/refused.ts'
import { revokeToken } from '../auth/oauth/revoke-token.ts'
import type { PersonRef } from '../stores/login-rows.ts'
import { StoreUnavailable } from '../stores/store.ts'
import { admit } from './admit.ts'
import type { Door } from './door.ts'
import { exchangeOf } from './exchange.ts'
import { describeFailure } from './fail.ts'
import { MOST_FORM_BYTES, parseForm, readFormBody } from './form-body.ts'
import type { OAuthError } from './oauth-schemas.ts'
import { DEVICE_GRANT, OAUTH_PATHS, REFRESH_GRANT, showAuthorizationServer, showDevice, showGrant, statusOf } from './oauth-views.ts'
import { Refusal } from './refusal.ts'
import { addRoutes } from './routes.ts'

export interface OAuthRouteParts {
  /** Undefined in open mode. */
  readonly login: Login | undefined
  readonly limits: DoorLimits
  readonly door: Door
  readonly now: () => number
}

/** Shorter than a new key is announced before it signs (`ANNOUNCE_MS`), so who keeps the set that long knows every key in time. */
const KEYS_AGE_SECONDS = 300
const METADATA_PATH = '/.well-known/oauth-authorization-server'

type Form = ReadonlyMap<string, string>
type Answer = { readonly outcome: 'shown'; readonly value: object } | { readonly outcome: 'done' } | OAuthRefused

export function createOAuthRouter({ login: maybeLogin, limits, door, now }: OAuthRouteParts): Router {
  const router = express.Router({ caseSensitive: true, strict: true })

  const loginOrRefuse = (): Login => {
    if (maybeLogin === undefined) throw new Refusal('no-login')
    return maybeLogin
  }

  const takeForm =
    (decide: (form: Form, login: Login, request: Request) => Answer | Promise<Answer>) =>
    async (request: Request, response: Response): Promise<void> => {
      const login = loginOrRefuse()
      const form = parseForm(request.body)
      const answer = form.outcome === 'refused' ? form : await decide(form.value, login, request)
      if (answer.outcome === 'refused' && answer.isGuess === true) {
        admit(request, 'failure', await limits.spendFailure(exchangeOf(request).address), answer.says)
      }
      send(response, answer)
    }

  async function authorizeDevice(form: Form, login: Login, request: Request): Promise<Answer> {
    const client = readClientId(form.get('client_id'))
    if (client.outcome === 'refused') return client
    const scopes = form.has('scope') ? readScope(form.get('scope'), ['read', 'write', 'admin']) : DEFAULT_SCOPES
    if (scopes.outcome === 'refused') return scopes
    const { address } = exchangeOf(request)
    admit(request, 'login', await limits.spendLogin(address))
    const started = await startDevice({ login, now }, { client: client.value, address, scopes: scopes.value })
    return { outcome: 'shown', value: showDevice(started) }
  }

  async function issueToken(form: Form, login: Login, request: Request): Promise<Answer> {
    const client = readClientId(form.get('client_id'))
    if (client.outcome === 'refused') return client
    const granted = await grant(form, login, client.value, request)
    return granted.outcome === 'refused' ? granted : { outcome: 'shown', value: showGrant(granted) }
  }

  function grant(form: Form, login: Login, client: string, request: Request): OAuthRefused | Promise<Granted | OAuthRefused> {
    const spend = async (person: PersonRef): Promise<void> => admit(request, 'login', await limits.spendRefresh(person))
    const [deviceCode, refreshToken] = [form.get('device_code'), form.get('refresh_token')]
    switch (form.get('grant_type')) {
      case undefined:
        return refuse('invalid_request', 'grant_type is missing.')
      case DEVICE_GRANT:
        if (deviceCode === undefined) return refuse('invalid_request', 'device_code is missing.')
        return pollDevice({ login, now }, deviceCode, client)
      case REFRESH_GRANT:
        if (refreshToken === undefined) return refuse('invalid_request', 'refresh_token is missing.')
        return refreshLogin({ login, spend, now }, { refreshToken, client, scope: form.get('scope') })
      default:
        return refuse('unsupported_grant_type', `Tokens are given for ${DEVICE_GRANT} and ${REFRESH_GRANT}.`)
    }
  }

  /** Where an issuer has a path, its metadata lie at an address with that path at its end (RFC 8414, section 3.1). */
  function findMetadata(request: Request, _response: Response, next: NextFunction): void {
    if (maybeLogin !== undefined && request.path.startsWith(`${METADATA_PATH}/`)) {
      const { pathname } = new URL(maybeLogin.ownIssuer())
      if (request.path === METADATA_PATH + pathname && pathname !== '/') request.url = METADATA_PATH
    }
    next()
  }

  router.use(findMetadata)
  addRoutes(router, door, [
    {
      method: 'POST',
      path: OAUTH_PATHS.device,
      operation: 'AuthorizeDevice',
      readBody: readFormBody,
      handle: takeForm(authorizeDevice),
    },
    { method: 'POST', path: OAUTH_PATHS.token, operation: 'IssueToken', readBody: readFormBody, handle: takeForm(issueToken) },
    {
      method: 'POST',
      path: OAUTH_PATHS.revoke,
      operation: 'RevokeToken',
      readBody: readFormBody,
      handle: takeForm((form, login) => {
        const token = form.get('token')
        return token === undefined ? refuse('invalid_request', 'token is missing.') : revokeToken({ login, now }, token)
      }),
    },
    {
      method: 'GET',
      path: OAUTH_PATHS.keys,
      operation: 'ListKeys',
      handle: async (_request, response) => showPublic(response, await loginOrRefuse().jwks()),
    },
    {
      method: 'GET',
      path: METADATA_PATH,
      operation: 'GetAuthorizationServer',
      handle: (_request, response) => showPublic(response, showAuthorizationServer(loginOrRefuse().ownIssuer())),
    },
  ])
  for (const path of [OAUTH_PATHS.device, OAUTH_PATHS.token, OAUTH_PATHS.revoke]) router.use(path, failAsOAuth)
  return router
}

const DEFAULT_SCOPES = { outcome: 'read', value: ['read', 'write'] } as const

function send(response: Response, answer: Answer): void {
  switch (answer.outcome) {
    case 'shown':
      sendJson(response, JSON.stringify(answer.value))
      break
    case 'done':
      response.end()
      break
    case 'refused': {
      const { error, says, retryAfterSeconds } = answer
      if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds))
      response.statusCode = statusOf(error)
      const body: OAuthError = { error, error_description: says }
      sendJson(response, JSON.stringify(body))
    }
  }
}

function showPublic(response: Response, value: object): void {
  response.setHeader('Cache-Control', `public, max-age=${KEYS_AGE_SECONDS}`)
  sendJson(response, JSON.stringify(value))
}

/** In the words of OAuth: a form that cannot be read, and a store that cannot be written. The rest is told, and logged, as everywhere. */
function failAsOAuth(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (error instanceof StoreUnavailable)
    send(response, refuse('temporarily_unavailable', 'Nothing can be stored now.', STORE_PAUSE_SECONDS))
  else if (!(error instanceof HttpProblem) && describeFailure(error).status < 500) send(response, UNREADABLE)
  else next(error)
}

const STORE_PAUSE_SECONDS = 5
const UNREADABLE = refuse('invalid_request', `The form cannot be read: send at most ${MOST_FORM_BYTES} bytes, not compressed.`)
