/**
 * A new personal token: judged, made, and stored as its hash alone. Its text is in this one answer and nowhere else.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { badRequest } from '@portolan/tes/server'
import type { Login } from '../auth/login.ts'
import type { Principal } from '../auth/principal.ts'
import type { ProjectDirectory } from '../auth/project-of.ts'
import { grantToken, type TokenVerdict, type WantedToken } from '../auth/rules/new-token.ts'
import { makeToken } from '../auth/tokens/opaque-token.ts'
import type { TokenId } from '../stores/login-rows.ts'
import type { CreatedToken } from './account-schemas.ts'
import { showToken } from './account-views.ts'
import { Refusal } from './refusal.ts'
import { refuseCredential } from './refuse-credential.ts'
import { requireFresh } from './require-fresh.ts'

export interface TokenMakerParts {
  readonly login: Pick<Login, 'freshness' | 'store' | 'lifetimes' | 'bounds' | 'boundsObserver' | 'grantable'>
  readonly projects: ProjectDirectory
  readonly now: () => number
}

/** Throws why there is none. */
export type TokenMaker = (principal: Principal, wanted: WantedToken) => Promise<CreatedToken>

export function createTokenMaker({ login, projects, now }: TokenMakerParts): TokenMaker {
  return async (asking, wanted) => {
    const principal = wanted.project === undefined ? asking : await requireFresh(login.freshness, asking)
    const at = now()
    const verdict = grantToken(wanted, {
      principal,
      grantable: login.grantable(principal),
      projects: projects.projectsOf(principal).map(({ id }) => id),
      bounds: login.lifetimes,
      now: at,
    })
    if (verdict.outcome === 'refused') throw refuse(verdict)
    const { scopes, project, expiresAt } = verdict
    const { text, hash } = makeToken('personal', randomBytes)
    const token = { id: randomUUID() as string as TokenId, hash, name: wanted.name, project, scopes, expiresAt }
    const most = login.bounds.person.tokens
    const { outcome } = await login.store.execute({ kind: 'createToken', principal, token, most, now: at })
    if (outcome === 'tooMany') {
      login.boundsObserver.bounded('token', 1)
      throw new Refusal(
        'too-many-tokens',
        `You have ${most} live personal tokens, as many as one person may have (limits.live.person.tokens)`,
      )
    }
    if (outcome === 'ended') throw refuseCredential('The login of this credential has been ended. Log in again.')
    // The store has the last word on what exceeds the credential.
    if (outcome === 'exceeds') throw new Refusal('token-exceeds')
    return { secret: text, token: showToken({ ...token, owner: principal, createdAt: at }, at) }
  }
}

const FIELDS = { project: 'project', scopes: 'scopes', days: 'expires_in_days' } as const

function refuse({ field, detail, fix }: Extract<TokenVerdict, { readonly outcome: 'refused' }>): Error {
  if (field === 'credential') return new Refusal('token-exceeds', detail, { fix })
  const problems = [{ path: FIELDS[field], message: detail.replace(/\.$/, ''), fix }]
  if (field === 'project') return new Refusal('project-unknown', undefined, { problems })
  return field === 'scopes' ? new Refusal('token-exceeds', undefined, { problems }) : badRequest(problems)
}
