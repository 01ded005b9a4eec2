/**
 * Who one is, personal tokens, and the logins of one's devices, below `/portolan/v1`. The contract is `openapi/portolan-1.yaml`. What is ended here
 * counts no more in this process before the answer is out. In open mode there is no login, and only `me` has an answer.
 */
import { parseJsonBody, sendJson } from '@portolan/tes/server'
import express, { type Request, type Response, type Router } from 'express'
import type { Login } from '../auth/login.ts'
import type { Principal } from '../auth/principal.ts'
import type { ProjectDirectory } from '../auth/project-of.ts'
import type { FamilyId, Page, PersonRef, TokenId } from '../stores/login-rows.ts'
import { seesAll } from '../stores/visibility.ts'
import type { CreatedToken, EndedLogins, LoginList, TokenList } from './account-schemas.ts'
import { showLogin, showToken } from './account-views.ts'
import { createTokenMaker } from './create-token.ts'
import type { Door } from './door.ts'
import { principalOf } from './exchange.ts'
import type { PageAudit } from './page-audit.ts'
import { createPlaceTokens, type PlaceOf } from './place-token.ts'
import { readListRequest, readNewToken } from './read-account-request.ts'
import { readMe } from './read-me.ts'
import { Refusal } from './refusal.ts'
import { addRoutes } from './routes.ts'

/** What these routes need of the login. */
export type AccountLogin = Pick<
  Login,
  'store' | 'lifetimes' | 'bounds' | 'boundsObserver' | 'known' | 'freshness' | 'grantable' | 'describe'
>

export interface AccountRouteParts {
  /** Undefined in open mode. */
  readonly login: AccountLogin | undefined
  readonly projects: ProjectDirectory
  readonly door: Door
  readonly now: () => number
  readonly pageTokenKey: Uint8Array
  readonly notePage: PageAudit
}

type Listed = Exclude<PlaceOf['list'], 'uploads'>
const LISTED: Readonly<Record<Listed, string>> = { tokens: 'ListTokens', logins: 'ListLogins' }

/** Far more than the fields can hold. */
const BODY_BYTES = 16 * 1024

export function createAccountRouter({ login: maybeLogin, projects, door, now, pageTokenKey, notePage }: AccountRouteParts): Router {
  const places = createPlaceTokens(pageTokenKey)
  const router = express.Router({ caseSensitive: true, strict: true })

  const loginOrRefuse = (): AccountLogin => {
    if (maybeLogin === undefined) throw new Refusal('no-login')
    return maybeLogin
  }

  /** A page of one of the lists, and the token of the next one. */
  async function readPage<Row extends { readonly id: string; readonly owner: PersonRef }>(
    request: Request,
    list: Listed,
    read: (page: { owner?: PersonRef | undefined; size: number; after?: { createdAt: number; id: string } | undefined }) => Page<Row>,
  ): Promise<{ readonly rows: readonly Row[]; readonly next_page_token: string | undefined }> {
    const principal = principalOf(request)
    const { pageSize, pageToken, owner: asked } = readListRequest(request.url)
    const owner = ownerOf(principal, asked)
    const after = pageToken === undefined ? undefined : places.verify(principal, { list, owner }, pageToken)
    if (pageToken !== undefined && after === undefined) throw new Refusal('bad-page-token')
    const { rows, next } = read({ owner, size: pageSize, after })
    await notePage(principal, LISTED[list], { asked: {}, owner, rows })
    return { rows, next_page_token: next && places.sign(principal, { list, owner }, next) }
  }

  addRoutes(router, door, [
    {
      method: 'GET',
      path: '/portolan/v1/me',
      operation: 'GetMe',
      handle: (request, response) => show(response, readMe({ login: maybeLogin, projects, now }, principalOf(request))),
    },
    {
      method: 'GET',
      path: '/portolan/v1/tokens',
      operation: 'ListTokens',
      handle: async (request, response) => {
        const { store } = loginOrRefuse()
        const { rows, next_page_token } = await readPage(request, 'tokens', page => store.listTokens(principalOf(request), page))
        show<TokenList>(response, { tokens: rows.map(row => showToken(row, now())), next_page_token })
      },
    },
    {
      method: 'POST',
      path: '/portolan/v1/tokens',
      operation: 'CreateToken',
      readBody: parseJsonBody(BODY_BYTES),
      handle: async (request, response) => {
        const createToken = createTokenMaker({ login: loginOrRefuse(), projects, now })
        const created = await createToken(principalOf(request), readNewToken(request.body))
        response.statusCode = 201
        show<CreatedToken>(response, created)
      },
    },
    {
      method: 'DELETE',
      path: '/portolan/v1/tokens/:id',
      operation: 'DeleteToken',
      handle: async (request, response) => {
        const { store, known } = loginOrRefuse()
        const id = String(request.params.id) as TokenId
        const principal = refuseEnding(principalOf(request), id)
        const { outcome } = await store.execute({ kind: 'revokeToken', principal, id, now: now() })
        if (outcome === 'notFound') throw new Refusal('token-unknown')
        known.token(id)
        endEmpty(response)
      },
    },
    {
      method: 'GET',
      path: '/portolan/v1/logins',
      operation: 'ListLogins',
      handle: async (request, response) => {
        const { store } = loginOrRefuse()
        const principal = principalOf(request)
        const { rows, next_page_token } = await readPage(request, 'logins', page => store.listFamilies(principal, page))
        show<LoginList>(response, { logins: rows.map(row => showLogin(row, principal, now())), next_page_token })
      },
    },
    {
      method: 'DELETE',
      path: '/portolan/v1/logins',
      operation: 'EndAllLogins',
      handle: async (request, response) => {
        const { store, known } = loginOrRefuse()
        const principal = refuseEnding(principalOf(request))
        const person = { issuer: principal.issuer, subject: principal.subject }
        const ended = await store.execute({ kind: 'endAll', principal, person, tokens: false, now: now() })
        if (ended.outcome === 'notFound') throw new Refusal('credential-bound')
        known.person(person)
        show<EndedLogins>(response, { sessions: ended.sessions, devices: ended.families + ended.approvals })
      },
    },
    {
      method: 'DELETE',
      path: '/portolan/v1/logins/:id',
      operation: 'EndLogin',
      handle: async (request, response) => {
        const { store, known } = loginOrRefuse()
        const id = String(request.params.id) as FamilyId
        const { outcome } = await store.execute({ kind: 'revokeFamily', principal: refuseEnding(principalOf(request)), id, now: now() })
        if (outcome === 'notFound') throw new Refusal('login-unknown')
        known.family(id)
        endEmpty(response)
      },
    },
  ])
  return router
}

/**
 * A personal token lies where others may find it, so it ends nothing but itself, whatever else is there. A token of the login itself is in the hands of
 * every tool that shares its client, so it ends nothing.
 */
function refuseEnding(principal: Principal, token?: TokenId): Principal {
  if (principal.credential?.kind === 'foreign')
    throw new Refusal('token-ends-itself', 'A token of the login itself ends nothing of what this broker gave out')
  if (principal.credential?.kind === 'personal' && (token === undefined || principal.tokenId !== token))
    throw new Refusal('token-ends-itself')
  return principal
}

/** Whose entries are listed; undefined: of everybody. */
function ownerOf(principal: Principal, asked: PersonRef | 'any' | undefined): PersonRef | undefined {
  const { issuer, subject } = principal
  if (asked === undefined) return { issuer, subject }
  if (asked !== 'any' && asked.issuer === issuer && asked.subject === subject) return asked
  if (!seesAll(principal)) throw new Refusal('not-admin')
  return asked === 'any' ? undefined : asked
}

function show<Value extends object>(response: Response, value: Value): void {
  sendJson(response, JSON.stringify(value))
}

function endEmpty(response: Response): void {
  response.statusCode = 204
  response.end()
}
