/**
 * `EndAccess`: the person ends a device, a personal token, or all that acts in their name, this session too. What is ended here counts no more in this
 * process before the page is out.
 */
import type { Request, Response } from 'express'
import { exchangeOf } from '../api/exchange.ts'
import type { Login } from '../auth/login.ts'
import { clearCookie, LOGIN_COOKIE, SESSION_COOKIE } from '../auth/tokens/cookies.ts'
import { isFormTokenOf } from '../auth/tokens/form-token.ts'
import type { DeviceFlowId, FamilyId, TokenId } from '../stores/login-rows.ts'
import { accessEndedPage } from './access-list.ts'
import { type Fields, foreignFormPage, readFields } from './forms.ts'
import { baseOf } from './links.ts'
import type { Page } from './page.ts'
import { problemPage } from './problem-page.ts'
import { show, type Visitor, visitOf } from './visit.ts'

export interface AccessParts {
  readonly login: Login
  readonly publicUrl: () => string
  readonly now: () => number
}

export function createAccessHandler({ login, publicUrl, now }: AccessParts): (request: Request, response: Response) => Promise<void> {
  const { store, known } = login
  const base = (): string => baseOf(publicUrl())
  const problem = (status: number, says: string, fix: string, requestId: string): Page =>
    problemPage({ status, title: 'Nothing was done', says, fix, requestId }, base())

  async function endDevice({ principal }: Visitor, id: FamilyId): Promise<boolean> {
    const { outcome } = await store.execute({ kind: 'revokeFamily', principal, id, now: now() })
    if (outcome !== 'notFound') known.family(id)
    return outcome !== 'notFound'
  }

  async function endApproval({ principal }: Visitor, id: DeviceFlowId): Promise<boolean> {
    return (await store.execute({ kind: 'endApproval', principal, id, now: now() })).outcome === 'ended'
  }

  async function endToken({ principal }: Visitor, id: TokenId): Promise<boolean> {
    const { outcome } = await store.execute({ kind: 'revokeToken', principal, id, now: now() })
    if (outcome !== 'notFound') known.token(id)
    return outcome !== 'notFound'
  }

  /** In one step: between two, what is still live could make more of its kind. */
  async function endAll({ principal }: Visitor): Promise<boolean> {
    const person = { issuer: principal.issuer, subject: principal.subject }
    const { outcome } = await store.execute({ kind: 'endAll', principal, person, tokens: true, now: now() })
    known.person(person)
    return outcome === 'done'
  }

  async function end(visitor: Visitor, { approval, device, token, all }: Fields, requestId: string): Promise<Page> {
    const wishes = [approval, device, token, all].filter(wish => wish !== undefined)
    if (wishes.length !== 1) return problem(400, 'The form does not say what to end.', 'Press one of its buttons.', requestId)
    if (approval !== undefined && (await endApproval(visitor, approval as DeviceFlowId)))
      return accessEndedPage('The device is not let in. Had it come in this moment, it is in the list of devices.', base())
    if (device !== undefined && (await endDevice(visitor, device as FamilyId)))
      return accessEndedPage('The device is logged out. What it has submitted goes on.', base())
    if (token !== undefined && (await endToken(visitor, token as TokenId)))
      return accessEndedPage('The token is revoked: nothing is let in by it any more.', base())
    if (all !== undefined && (await endAll(visitor)))
      return accessEndedPage('Every device and every browser is logged out, this one too, and every personal token is revoked.', base())
    return problem(404, 'You have nothing such.', 'Look at the first page again.', requestId)
  }

  return async (request, response) => {
    const { id } = exchangeOf(request)
    const visit = visitOf(login, request)
    if (visit.kind === 'cross-site') return show(response, foreignFormPage(id, base(), visit.says), publicUrl())
    if (visit.kind === 'nobody') {
      const page = problem(403, 'You are not logged in.', 'Log in at the first page.', id)
      return show(response, page, publicUrl())
    }
    const fields = readFields(request.body)
    const { session } = visit.visitor
    if (!isFormTokenOf(session, fields.form_token)) return show(response, foreignFormPage(id, base()), publicUrl())
    const page = await end(visit.visitor, fields, id)
    if (fields.all !== undefined && page.status === undefined)
      response.setHeader('Set-Cookie', [clearCookie(SESSION_COOKIE), clearCookie(LOGIN_COOKIE)])
    show(response, page, publicUrl())
  }
}
