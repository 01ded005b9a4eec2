/**
 * Makes a stored person of what a login has just said (`Login.recordLogin`).
 */
import type { RefusedToken, TokenVerifier } from '@portolan/identity'
import type { ConfiguredIssuer } from '../config/types.ts'
import type { PersonRef } from '../stores/login-rows.ts'
import type { LoginStore } from '../stores/login-store.ts'
import type { ForgetKnown, FreshLogin, RecordedLogin } from './login.ts'
import type { People } from './people.ts'
import { toPersonClaims, writeClaims } from './person-claims.ts'
import { refuseWay } from './rules/way-to-log-in.ts'

export interface RecordLoginParts {
  readonly issuers: ReadonlyMap<string, ConfiguredIssuer>
  readonly verifier: Pick<TokenVerifier, 'fetchClaims'>
  readonly store: Pick<LoginStore, 'execute'>
  readonly people: Pick<People, 'admit' | 'grantable' | 'whyNot'>
  readonly known: ForgetKnown
  readonly now: () => number
}

export function createRecordLogin(parts: RecordLoginParts): (fresh: FreshLogin) => Promise<RecordedLogin> {
  const { issuers, verifier, store, people, known, now } = parts

  return async ({ issuer, idToken, accessToken, refreshToken, client, signal }) => {
    const rules = issuers.get(issuer)
    if (!rules) return { outcome: 'refused', says: `The login ${issuer} is not admitted here.` }
    const acr = typeof idToken.acr === 'string' ? idToken.acr : undefined
    const wrongWay = refuseWay(acr, rules)
    if (wrongWay !== undefined) return { outcome: 'refused', says: wrongWay }
    const person: PersonRef = { issuer, subject: idToken.sub }
    const answer = await verifier.fetchClaims({ ...person, token: accessToken }, { signal })
    if (answer.outcome === 'refused') return describeRefusal(answer, rules)
    if (answer.outcome === 'unavailable')
      return { outcome: 'unavailable', says: answer.detail, retryAfterSeconds: Math.ceil(answer.retryAfterMs / 1000) }
    await store.execute({
      kind: 'recordLogin',
      principal: { ...person, roles: [], scopes: [] },
      claimsText: writeClaims(toPersonClaims(answer.claims, acr)),
      linked: answer.claims.upstream,
      upstreamRefresh: refreshToken,
      client,
      now: now(),
    })
    known.person(person)
    const principal = people.admit(person, { scopes: people.grantable(person) })
    return principal ? { outcome: 'recorded', person, principal } : { outcome: 'refused', says: people.whyNot(person) }
  }
}

/** Of the login itself, not of the token: it gave the token a moment ago, and the person holds none that they could copy anew. */
const OF_THE_PERSON: readonly RefusedToken['reason'][] = ['revoked', 'insufficient_scope', 'no_subject', 'subject_mismatch']

function describeRefusal({ reason, detail }: RefusedToken, { name }: ConfiguredIssuer): RecordedLogin {
  if (OF_THE_PERSON.includes(reason)) return { outcome: 'refused', says: detail }
  return { outcome: 'unfit', says: `The login ${name} hands out tokens that do not hold what it says of you.`, reason }
}
