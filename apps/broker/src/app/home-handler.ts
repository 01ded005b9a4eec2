/**
 * `ShowHome`: the first page.
 */
import type { Request, Response } from 'express'
import { readMe } from '../api/read-me.ts'
import { readLiveAccess } from '../auth/live-access.ts'
import type { Login } from '../auth/login.ts'
import type { ProjectDirectory } from '../auth/project-of.ts'
import { type HomeView, homePage, welcomePage } from './home-page.ts'
import { baseOf } from './links.ts'
import { show, type Visitor, visitOf } from './visit.ts'

export interface HomeParts {
  readonly login: Login
  readonly projects: ProjectDirectory
  readonly publicUrl: () => string
  readonly now: () => number
}

export function createHomeHandler({ login, projects, publicUrl, now }: HomeParts): (request: Request, response: Response) => Promise<void> {
  async function describe({ principal, formToken }: Visitor): Promise<HomeView> {
    const { issuer, subject } = principal
    const me = readMe({ login, projects, now }, principal)
    return {
      name: me.name,
      loginName: login.issuers.find(one => one.issuer === issuer)?.name ?? issuer,
      subject,
      isAdmin: me.admin,
      projects: me.projects,
      missing: me.missing,
      access: readLiveAccess(login.store, principal, principal, now()),
      formToken,
    }
  }

  return async (request, response) => {
    const visit = visitOf(login, request)
    const base = baseOf(publicUrl())
    if (visit.kind === 'visitor') return show(response, homePage(await describe(visit.visitor), base), publicUrl())
    show(response, welcomePage(login.issuers, visit.kind === 'nobody' ? visit.notice : undefined, base), publicUrl())
  }
}
