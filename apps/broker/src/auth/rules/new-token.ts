/**
 * What a new personal token may do, and until when: never more than the credential that makes it. Pure; times are ms since 1970.
 */
import type { ProjectId } from '@portolan/federation'
import type { CredentialFacts, Principal, Scope } from '../principal.ts'
import { grantScopes } from './scopes.ts'
import { type ExpiryBounds, grantExpiry } from './token-expiry.ts'

const DAY_MS = 24 * 60 * 60_000

/** As somebody asks for it. */
export interface WantedToken {
  readonly name: string
  readonly project?: string | undefined
  /** Absent: what the maker may, without `admin`. */
  readonly scopes?: readonly Scope[] | undefined
  readonly days?: number | undefined
}

export interface MakerFacts {
  readonly principal: Principal
  /** All that a credential of this person may be given today. */
  readonly grantable: readonly Scope[]
  /** Projects that the principal is in, as far as its credential reaches. */
  readonly projects: readonly ProjectId[]
  readonly bounds: ExpiryBounds
  readonly now: number
}

export type TokenVerdict =
  | { readonly outcome: 'granted'; readonly scopes: readonly Scope[]; readonly project?: ProjectId | undefined; readonly expiresAt: number }
  /** `credential`: this kind of credential makes none. The others name the field that asks for too much. */
  | {
      readonly outcome: 'refused'
      readonly field: 'credential' | 'project' | 'scopes' | 'days'
      readonly detail: string
      readonly fix: string
    }

/**
 * What makes tokens: whoever has logged in here. What others make would outlive them: a personal token that is found in the configuration of an engine
 * and revoked, and a token of the login itself, which lives by the rules of that login.
 */
const MAKERS: readonly CredentialFacts['kind'][] = ['access', 'session']

export function grantToken(wanted: WantedToken, { principal, grantable, projects, bounds, now }: MakerFacts): TokenVerdict {
  const { credential } = principal
  if (!credential || !MAKERS.includes(credential.kind)) {
    const maker = credential?.kind === 'personal' ? 'A personal token' : 'A token of the login itself'
    return refuse('credential', `${maker} makes no personal tokens.`, 'Log in at this broker (portolan login) and make it then.')
  }
  const project = wanted.project === undefined ? principal.project : projects.find(id => id === wanted.project)
  if (wanted.project !== undefined && project === undefined) {
    const own = projects.length > 0 ? `Name one of ${projects.join(', ')}, or leave it out.` : 'Leave it out: you are in none.'
    return refuse('project', `You are in no project "${wanted.project}" that this credential reaches.`, own)
  }
  const held = principal.scopes.filter(scope => grantable.includes(scope))
  const scopes = grantScopes(wanted.scopes ?? held.filter(scope => scope !== 'admin'), held)
  if (scopes.outcome === 'refused') return refuse('scopes', scopes.detail, scopes.fix)
  const expiry = grantExpiry(wanted.days === undefined ? undefined : now + wanted.days * DAY_MS, bounds, now)
  if (expiry.outcome === 'refused') return refuse('days', expiry.detail, expiry.fix)
  return { outcome: 'granted', scopes: scopes.scopes, project, expiresAt: expiry.expiresAt }
}

function refuse(field: Extract<TokenVerdict, { outcome: 'refused' }>['field'], detail: string, fix: string): TokenVerdict {
  return { outcome: 'refused', field, detail, fix }
}
