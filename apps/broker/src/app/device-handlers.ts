/**
 * `ShowDevice` and `DecideDevice`: the person looks at what asks to be let in, and decides. A code that somebody types costs them one of few tries,
 * and is looked up only after that, so that no code is found by trying.
 */
import type { Request, Response } from 'express'
import { admit } from '../api/admit.ts'
import { exchangeOf } from '../api/exchange.ts'
import { requireFresh } from '../api/require-fresh.ts'
import type { DoorLimits } from '../auth/limits/door-limits.ts'
import type { Login } from '../auth/login.ts'
import type { Scope } from '../auth/principal.ts'
import type { ProjectDirectory, ProjectEntry } from '../auth/project-of.ts'
import { isFormTokenOf } from '../auth/tokens/form-token.ts'
import { readUserCode } from '../auth/tokens/user-code.ts'
import type { DeviceFlowRow, SecretHash } from '../stores/login-rows.ts'
import { alreadyDecidedPage, confirmDevicePage, decidedPage, enterCodePage, loginFirstPage } from './device-pages.ts'
import { foreignFormPage, readFields } from './forms.ts'
import { baseOf } from './links.ts'
import type { Page } from './page.ts'
import { problemPage } from './problem-page.ts'
import { readQuery, show, type Visitor, visitOf } from './visit.ts'

export interface DeviceParts {
  readonly login: Login
  readonly projects: ProjectDirectory
  readonly limits: Pick<DoorLimits, 'spendCode' | 'returnCode'>
  readonly publicUrl: () => string
  readonly now: () => number
}

type Handle = (request: Request, response: Response) => Promise<void>

/** A flow that waits for a decision, or the page that says why there is none. */
type Found = { readonly flow: DeviceFlowRow; readonly userCode: string; readonly userHash: SecretHash } | { readonly page: Page }

export function createDeviceHandlers({ login, projects, limits, publicUrl, now }: DeviceParts): {
  readonly showDevice: Handle
  readonly decideDevice: Handle
} {
  const base = (): string => baseOf(publicUrl())

  async function find(request: Request, { principal }: Visitor, text: string): Promise<Found> {
    const userCode = readUserCode(text)
    if (userCode === undefined)
      return { page: enterCodePage(base(), { status: 400, says: 'That is no code: it has eight letters, as in BCDF-GHJK.' }) }
    const { address } = exchangeOf(request)
    admit(request, 'code', await limits.spendCode(address, principal))
    const userHash = login.hashUserCode(userCode)
    const flow = login.store.findDevice(principal, userHash, now())
    if (flow === undefined)
      return {
        page: enterCodePage(base(), { status: 404, says: 'No device waits with this code: it is mistyped, or its ten minutes are over.' }),
      }
    await limits.returnCode(address, principal)
    return flow.state === 'pending' ? { flow, userCode, userHash } : { page: alreadyDecidedPage(base()) }
  }

  const grantableTo = ({ principal }: Visitor, { scopes }: DeviceFlowRow): readonly Scope[] => {
    const held = login.grantable(principal)
    return scopes.filter(scope => held.includes(scope))
  }

  async function confirm(request: Request, visitor: Visitor, text: string): Promise<Page> {
    if (text === '') return enterCodePage(base())
    const found = await find(request, visitor, text)
    if ('page' in found) return found.page
    const { principal, formToken } = visitor
    const { flow, userCode } = found
    const person = login.describe(principal)?.claims.name ?? principal.subject
    const own = projects.projectsOf(principal)
    return confirmDevicePage({ flow, userCode, scopes: grantableTo(visitor, flow), projects: own, person, formToken }, base())
  }

  async function decide(request: Request, visitor: Visitor): Promise<Page> {
    const { form_token: token, user_code: code = '', decision, project: named = '' } = readFields(request.body)
    const { id } = exchangeOf(request)
    const { principal, session } = visitor
    if (!isFormTokenOf(session, token)) return foreignFormPage(id, base())
    if (decision !== 'approve' && decision !== 'refuse') return malformed('decision', 'Send approve or refuse.', id, base())
    const deciding = named === '' ? principal : await requireFresh(login.freshness, principal)
    const own: readonly ProjectEntry[] = projects.projectsOf(deciding)
    const project = own.find(entry => entry.id === named)?.id
    if (named !== '' && project === undefined) return malformed('project', 'Choose one of your own.', id, base())
    const found = await find(request, visitor, code)
    if ('page' in found) return found.page
    const { userHash, flow } = found
    if (decision === 'refuse') {
      const { outcome } = await login.store.execute({ kind: 'denyDevice', principal, userHash, now: now() })
      return outcome === 'denied' ? decidedPage(false, base()) : alreadyDecidedPage(base())
    }
    const scopes = grantableTo(visitor, flow)
    if (scopes.length === 0) return malformed('decision', 'The device asks for nothing that you may do yourself: refuse it.', id, base())
    const approval = { principal: deciding, session, userHash, scopes, project, now: now() }
    const { outcome } = await login.store.execute({ kind: 'approveDevice', ...approval })
    if (outcome === 'ended') return loginFirstPage(login.issuers, codeOf(code), base(), 403)
    if (outcome === 'exceeds') return malformed('user_code', 'The device asks for more than you may do. Refuse it.', id, base())
    return outcome === 'approved' ? decidedPage(true, base()) : alreadyDecidedPage(base())
  }

  return {
    async showDevice(request, response) {
      const visit = visitOf(login, request)
      const code = readQuery(request)('user_code') ?? ''
      const page =
        visit.kind === 'visitor' ? await confirm(request, visit.visitor, code) : loginFirstPage(login.issuers, codeOf(code), base())
      show(response, page, publicUrl())
    },
    async decideDevice(request, response) {
      const visit = visitOf(login, request)
      const { id } = exchangeOf(request)
      if (visit.kind === 'cross-site') return show(response, foreignFormPage(id, base(), visit.says), publicUrl())
      // No redirect to a login: browsers let a form of ours lead nowhere else.
      const nobody = (): Page => loginFirstPage(login.issuers, codeOf(readFields(request.body).user_code ?? ''), base(), 403)
      show(response, visit.kind === 'visitor' ? await decide(request, visit.visitor) : nobody(), publicUrl())
    },
  }
}

/** What can be a code goes along to the login and back; nothing else does. */
function codeOf(text: string): string {
  return readUserCode(text) ?? ''
}

function malformed(field: string, fix: string, requestId: string, base: string): Page {
  return problemPage(
    { status: 400, title: 'Nothing was done', says: `The field ${field} of the form does not say what it must.`, fix, requestId },
    base,
  )
}
