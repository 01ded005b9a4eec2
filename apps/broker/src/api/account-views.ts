/**
 * Who one is, tokens and logins as our own routes show them. Pure; no secret and no hash is among what they get. A key whose value is undefined is
 * left out by JSON.
 */
import { parseMemberLine } from '@portolan/identity'
import type { PersonClaims } from '../auth/person-claims.ts'
import type { Principal } from '../auth/principal.ts'
import type { ProjectEntry, WayIn } from '../auth/project-of.ts'
import type { FamilyRow, PersonRef, TokenRow } from '../stores/login-rows.ts'
import type { DeviceLogin, Me, Missing, Token } from './account-schemas.ts'

export interface MeFacts {
  readonly mode: 'open' | 'required'
  readonly principal: Principal
  readonly projects: readonly ProjectEntry[]
  readonly waysIn: readonly WayIn[]
  /** What the login said of the person; absent: they never logged in here. */
  readonly known?: { readonly claims: PersonClaims; readonly claimsAt: number } | undefined
  /** Why what it said counts no more, if it is so. */
  readonly stale?: string | undefined
  readonly linked?: PersonRef | undefined
  readonly now: number
}

export function showMe({ mode, principal, projects, waysIn, known, stale, linked, now }: MeFacts): Me {
  const { issuer, subject, scopes, roles, credential, project } = principal
  return {
    mode,
    issuer,
    subject,
    name: known?.claims.name,
    scopes: [...scopes],
    admin: roles.includes('admin'),
    projects: projects.map(({ id, name }) => ({ id, name })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    credential: credential && { kind: credential.kind, id: credential.id, project, expires_at: showTime(credential.expiresAt) },
    claims: known && { said_at: showTime(known.claimsAt), seconds: Math.max(0, Math.floor((now - known.claimsAt) / 1000)) },
    linked: linked && { issuer: linked.issuer, subject: linked.subject },
    missing: projects.length > 0 ? undefined : showMissing(principal, waysIn, known?.claims, stale),
  }
}

/** Why somebody is in no project, and what to do. */
function showMissing({ project, issuer }: Principal, waysIn: readonly WayIn[], claims: PersonClaims | undefined, stale?: string): Missing {
  const ways = waysIn.map(({ entitlement, contact }) => ({ entitlement, ask: contact ?? askFor(entitlement) }))
  const ignored = claims?.ignored.reduce((sum, { count }) => sum + count, 0) || undefined
  return { says: sayMissing(ways.length > 0, issuer, project, stale), ways, ignored }
}

function sayMissing(hasWays: boolean, issuer: string, project: string | undefined, stale: string | undefined): string {
  if (stale !== undefined) return stale
  if (project !== undefined)
    return `This credential is bound to the project ${project}, which is no more, or of which you are no member any more. Make a new one.`
  if (!hasWays) return 'You are in no project. Ask the operator of this broker to make you a member of one.'
  return `You are in no project: ${issuer} says nothing of you that opens one. Get one of these, then log in again.`
}

function askFor(entitlement: string | undefined): string {
  const parsed = entitlement === undefined ? undefined : parseMemberLine(entitlement)
  if (!parsed?.ok || parsed.line.kind !== 'entitlement') return 'the operator of this broker'
  const { path, authority } = parsed.line.entitlement
  return `whoever manages the group ${path.join(':')} at ${authority}`
}

export function showToken(row: TokenRow, now: number): Token {
  const { name, lastUsedAt, revokedAt } = row
  return { ...showOwned(row, revokedAt, now), name, last_used_at: maybeTime(lastUsedAt), ended_at: maybeTime(revokedAt) }
}

/** `asking`: whose credential may be of this login. */
export function showLogin(row: FamilyRow, { credential }: Principal, now: number): DeviceLogin {
  const { id, client, endedAt, why } = row
  return {
    ...showOwned(row, why === 'expired' ? undefined : endedAt, now),
    client,
    ended_at: maybeTime(endedAt),
    why,
    current: credential?.kind === 'access' && credential.id === id,
  }
}

type Shared = 'id' | 'owner' | 'project' | 'scopes' | 'standing' | 'created_at' | 'expires_at'

/** `endedAt`: when somebody ended it, before its time. */
function showOwned(row: TokenRow | FamilyRow, endedAt: number | undefined, now: number): Pick<Token & DeviceLogin, Shared> {
  const { id, owner, project, scopes, createdAt, expiresAt } = row
  const byTime = now >= expiresAt ? 'expired' : 'live'
  return {
    id,
    owner: { issuer: owner.issuer, subject: owner.subject },
    project,
    scopes: [...scopes],
    standing: endedAt === undefined ? byTime : 'ended',
    created_at: showTime(createdAt),
    expires_at: showTime(expiresAt),
  }
}

function showTime(ms: number): string {
  return new Date(ms).toISOString()
}

function maybeTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : showTime(ms)
}
