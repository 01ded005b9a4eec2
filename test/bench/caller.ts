/**
 * Who asks in the bench: an engine with a personal token, as most engines come. The token is the same in every run; it opens the bench's own brokers
 * alone, each of which is told of it before it starts.
 */
import type { ProjectId } from '@portolan/federation'
import { writeClaims } from '../../apps/broker/src/auth/person-claims.ts'
import type { Principal } from '../../apps/broker/src/auth/principal.ts'
import { makeToken } from '../../apps/broker/src/auth/tokens/opaque-token.ts'
import type { TokenId } from '../../apps/broker/src/stores/login-rows.ts'
import type { LoginStore } from '../../apps/broker/src/stores/login-store.ts'

/** Nobody listens there: a known person goes on without their login. */
const ISSUER = 'http://127.0.0.1:9/oidc/'
const PROJECT = 'bench' as ProjectId
const DAY_MS = 86_400_000
const token = makeToken('personal', size => new Uint8Array(size).fill(7))

/** Their login says nothing of them: they are a member by name. */
const NO_CLAIMS = { entitlements: [], groups: [], assurance: [], affiliations: [], passport: [], ignored: [] }

export const CALLER: Principal = { issuer: ISSUER, subject: 'engine', memberOf: [PROJECT], roles: [], scopes: ['read', 'write'] }
export const CREDENTIAL = `Bearer ${token.text}`

/** What a broker of the bench is configured with: a login, a project, and limits that no load of the bench reaches. */
export function describeBroker(): object {
  const unlimited = { atOnce: 1_000_000_000, perMinute: 1_000_000_000 }
  const rates = { creates: unlimited, polls: unlimited }
  return {
    auth: { mode: 'required', issuers: [{ issuer: ISSUER, clientId: 'bench' }] },
    projects: [{ id: PROJECT, members: [`${CALLER.subject}@${ISSUER}`] }],
    limits: { rates: { person: rates, address: rates } },
  }
}

/** The caller has logged in just now, and made the token. */
export async function introduceCaller(store: LoginStore): Promise<void> {
  const now = Date.now()
  await store.execute({ kind: 'recordLogin', principal: CALLER, claimsText: writeClaims(NO_CLAIMS), client: 'bench', now })
  const made = { id: 'bench' as TokenId, hash: token.hash, name: 'bench', scopes: CALLER.scopes, expiresAt: now + DAY_MS }
  await store.execute({ kind: 'createToken', principal: CALLER, token: made, most: 1, now })
}
