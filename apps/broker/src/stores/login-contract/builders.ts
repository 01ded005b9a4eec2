/**
 * Rows and commands for tests of the login store; what a test does not say is filled in.
 */
import { createHash } from 'node:crypto'
import type { Principal } from '../../auth/principal.ts'
import { ADA, NOW } from '../contract/builders.ts'
import type { DeviceFlowId, FamilyId, PersonRef, SecretHash, TokenId } from '../login-rows.ts'
import type { LoginStore, NewDeviceFlow, NewFamily, NewPendingLogin, NewSession, NewToken } from '../login-store.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** More than any test has live, where it is not about that. */
export const MANY = 1_000
type WithMost<Row> = Partial<Row> & { readonly most?: number }

/** The person alone, without rights. */
export const personOf = ({ issuer, subject }: Principal): PersonRef => ({ issuer, subject })
export const hashOf = (secret: string): SecretHash => createHash('sha256').update(secret).digest('hex') as SecretHash
export const tokenId = (text: string): TokenId => text as TokenId
export const familyId = (text: string): FamilyId => text as FamilyId
const flowId = (text: string): DeviceFlowId => text as DeviceFlowId

export function logIn(login: LoginStore, principal: Principal = ADA, changes: { claimsText?: string; now?: number } = {}) {
  const { claimsText = '{"name":"Ada"}', now = NOW } = changes
  return login.execute({ kind: 'recordLogin', principal, claimsText, client: 'browser', now })
}

export async function createToken(login: LoginStore, id: string, asked: WithMost<NewToken> = {}, principal = ADA, now = NOW) {
  const { most = MANY, ...changes } = asked
  const token: NewToken = { id: tokenId(id), hash: hashOf(id), name: 'nextflow', scopes: ['read'], expiresAt: now + 30 * DAY, ...changes }
  return await login.execute({ kind: 'createToken', principal, token, most, now })
}

/** Starts a family whose first token is `ID 1`. */
export async function startFamily(
  login: LoginStore,
  id = 'f',
  asked: WithMost<NewFamily> & { readonly flow?: DeviceFlowId } = {},
  principal = ADA,
  now = NOW,
) {
  const { most = MANY, flow, ...changes } = asked
  const family: NewFamily = { id: familyId(id), client: 'cli laptop', scopes: ['read', 'write'], expiresAt: now + 30 * DAY, ...changes }
  return await login.execute({ kind: 'startFamily', principal, family, flow, hash: hashOf(`${id} 1`), most, now })
}

export function rotate(login: LoginStore, secret: string, successor: string, changes: { client?: string; now?: number } = {}) {
  const { client = 'cli laptop', now = NOW } = changes
  return login.execute({ kind: 'rotateRefresh', hash: hashOf(secret), successor: hashOf(successor), client, now })
}

export function startSession(
  login: LoginStore,
  secret: string,
  asked: WithMost<NewSession> = {},
  principal = ADA,
  replaces?: SecretHash,
  now = NOW,
) {
  const { most = MANY, ...changes } = asked
  const session: NewSession = { hash: hashOf(secret), idleMs: 30 * MINUTE, expiresAt: NOW + 8 * HOUR, dataText: '{"hint":"h"}', ...changes }
  return login.execute({ kind: 'startSession', principal, session, replaces, most, now })
}

/** Starts a flow with the device code `ID device` and the user code `ID user`. */
export function startDevice(login: LoginStore, id = 'd', asked: WithMost<NewDeviceFlow> = {}, now = NOW) {
  const { most = MANY, ...changes } = asked
  const flow: NewDeviceFlow = {
    id: flowId(id),
    deviceHash: hashOf(`${id} device`),
    userHash: hashOf(`${id} user`),
    client: 'cli laptop',
    address: '192.0.2.7',
    scopes: ['read', 'write'],
    expiresAt: now + 10 * MINUTE,
    intervalMs: 5_000,
    ...changes,
  }
  return login.execute({ kind: 'startDevice', flow, most, now })
}

export function poll(login: LoginStore, id = 'd', now = NOW, client = 'cli laptop') {
  return login.execute({ kind: 'pollDevice', deviceHash: hashOf(`${id} device`), client, now })
}

export function startLogin(login: LoginStore, asked: WithMost<NewPendingLogin> = {}, now = NOW) {
  const { most = MANY, ...changes } = asked
  const pending: NewPendingLogin = {
    stateHash: hashOf('state'),
    bindingHash: hashOf('cookie'),
    issuer: ADA.issuer,
    text: '{"verifier":"v"}',
    expiresAt: NOW + 10 * MINUTE,
    ...changes,
  }
  return login.execute({ kind: 'startLogin', login: pending, most, now })
}
