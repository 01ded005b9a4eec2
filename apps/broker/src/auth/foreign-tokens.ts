/**
 * Tokens of logins, shown to us as they are. A token that is new here is verified whole, and its login is asked about the person: that is also when a
 * revoked one is found out. From then on the login has vouched for it, and nobody who shows it waits for the login again: it is asked behind their
 * back every ten minutes, and what it says then counts from the next request on. Vouched for is a token in this process alone.
 */
import type { RefusedToken, TokenVerifier, Verification, VerifiedToken } from '@portolan/identity'
import type { ConfiguredIssuer } from '../config/types.ts'
import type { PersonRef } from '../stores/login-rows.ts'
import type { LoginStore } from '../stores/login-store.ts'
import type { Refused, Unavailable } from './authenticate.ts'
import type { FailureLog } from './failure-log.ts'
import { type AskLimits, createAskTurns } from './limits/ask-turns.ts'
import type { ForgetKnown } from './login.ts'
import type { People, Told } from './people.ts'
import { toPersonClaims, writeClaims } from './person-claims.ts'
import { type Principal, SYSTEM } from './principal.ts'
import { refuseWay } from './rules/way-to-log-in.ts'
import { createKnownTokens } from './tokens/known-tokens.ts'

/** What is to be told of a token, and how long it is good. */
export type ForeignAnswer = { readonly principal: Principal; readonly expiresAt: number } | Refused | Unavailable

export interface ForeignTokens {
  /** Never throws. */
  authenticate(text: string): ForeignAnswer | Promise<ForeignAnswer>
  /**
   * The same for what only its login can judge. Anybody can make such texts up, so an address may have only so many unknown ones asked about, and waits
   * beyond that. Who shows one that is being asked about already waits for that answer.
   */
  authenticateOpaque(text: string, address: string): ForeignAnswer | Promise<ForeignAnswer>
}

export interface ForeignTokensParts {
  readonly issuers: ReadonlyMap<string, ConfiguredIssuer>
  readonly verifier: Pick<TokenVerifier, 'verify'>
  readonly people: People
  readonly store: Pick<LoginStore, 'execute'>
  readonly known: ForgetKnown
  readonly limits: AskLimits
  readonly now: () => number
  readonly log: FailureLog
}

/** After so long the login is asked about a token again. */
const VOUCHED_MS = 600_000
/** So long a refusal by the login counts without a new question. */
const REFUSED_MS = 30_000
/** Read and write; nobody is an administrator by a token of a login. */
const SCOPES = ['read', 'write'] as const
/** Refusals that only the login can know. The others are found here, by the token itself: kept only over what was vouched for before. */
const BY_THE_LOGIN: readonly RefusedToken['reason'][] = ['revoked', 'insufficient_scope', 'subject_mismatch']

/** What decides, and no more: a passport may be large, and many tokens are remembered. */
type Good = { readonly outcome: 'good'; readonly person: PersonRef; readonly expiresAt: number; readonly told: Told }
type Vouched = (Good | Refused) & { readonly askedAt: number }

export function createForeignTokens(parts: ForeignTokensParts): ForeignTokens {
  const { issuers, verifier, people, known, now } = parts
  const vouched = createKnownTokens<Vouched>({ ttlMs: Number.POSITIVE_INFINITY })
  const asking = new Map<string, Promise<Vouched | Unavailable>>()
  const turns = createAskTurns({ limits: parts.limits, now })
  const keep = createPersonKeeper(parts)

  /** One question for each token, however many show it. */
  function vouch(text: string): Promise<Vouched | Unavailable> {
    const work = asking.get(text) ?? ask(text).finally(() => asking.delete(text))
    asking.set(text, work)
    return work
  }

  async function ask(text: string): Promise<Vouched | Unavailable> {
    const askedAt = now()
    const mark = vouched.mark()
    const answer = await verifier.verify(text)
    if (answer.outcome === 'unavailable') return toUnavailable(answer)
    const entry: Vouched = { ...judge(answer, askedAt), askedAt }
    if (entry.outcome === 'good' && answer.outcome === 'valid') {
      const isNew = people.describe(entry.person) === undefined
      const kept = keep(answer, askedAt)
      // Who is not known here at all cannot be told who they are before they are stored.
      if (isNew) await kept
    }
    const expiresAt = entry.outcome === 'good' ? entry.expiresAt : askedAt + REFUSED_MS
    if (entry.outcome === 'good' || isByTheLogin(answer) || vouched.find(text, askedAt) !== undefined)
      vouched.keep(text, entry, { expiresAt, mark, now: askedAt })
    return entry
  }

  function judge(answer: Exclude<Verification, { outcome: 'unavailable' }>, claimsAt: number): Good | Refused {
    if (answer.outcome === 'refused') return toRefused(answer)
    const rules = issuers.get(answer.issuer)
    const wrongWay = rules && refuseWay(answer.claims.acr, rules)
    if (wrongWay !== undefined) return { outcome: 'refused', reason: 'acr', says: wrongWay }
    const { issuer, subject, expiresAt } = answer
    const claims = { ...toPersonClaims(answer.claims), passport: [] }
    return { outcome: 'good', person: { issuer, subject }, expiresAt, told: { claims, claimsAt } }
  }

  /** Asks again with nobody waiting. */
  async function vouchAgain(text: string, person: PersonRef): Promise<void> {
    await vouch(text)
    known.person(person)
  }

  function answerFor(entry: Vouched | Unavailable): ForeignAnswer {
    if (entry.outcome !== 'good') return entry
    const { person, expiresAt, told } = entry
    const principal = people.admitBy(person, told, { scopes: SCOPES, credential: { kind: 'foreign', expiresAt } })
    return principal ? { principal, expiresAt } : { outcome: 'refused', reason: 'issuer', says: people.whyNot(person) }
  }

  async function vouchWithin(text: string, address: string): Promise<ForeignAnswer> {
    const turn = await turns.take(address)
    if (turn.outcome === 'refused') return toUnavailable({ detail: TOO_MANY, retryAfterMs: turn.waitMs })
    const entry = await vouch(text)
    if (entry.outcome !== 'refused') await turns.giveBack(address)
    return answerFor(entry)
  }

  function authenticate(text: string): ForeignAnswer | Promise<ForeignAnswer> {
    const entry = vouched.find(text, now())
    if (!entry) return vouch(text).then(answerFor)
    if (entry.outcome === 'good' && now() - entry.askedAt >= VOUCHED_MS) void vouchAgain(text, entry.person)
    return answerFor(entry)
  }

  return {
    authenticate,
    authenticateOpaque: (text, address) =>
      asking.has(text) || vouched.find(text, now()) ? authenticate(text) : vouchWithin(text, address),
  }
}

/**
 * Keeps the person that a token is of: so that they can make tokens of ours, and their tasks have an owner whose login is known. What is stored
 * already is renewed only by a token that was given to us with all that we ask for: another one shows less of the person than there is.
 */
function createPersonKeeper({
  issuers,
  store,
  people,
  log,
}: ForeignTokensParts): (token: VerifiedToken, claimsAt: number) => Promise<void> {
  async function keep(token: VerifiedToken, claimsAt: number): Promise<void> {
    const { issuer, subject, clientId } = token
    const person = { issuer, subject }
    const known = people.describe(person)
    const claimsText = writeClaims(toPersonClaims(token.claims, token.claims.acr ?? known?.claims.acr))
    if (known === undefined) {
      const client = `token of ${clientId ?? 'an unnamed client'}`
      const principal = { ...person, roles: [], scopes: [] }
      await store.execute({ kind: 'recordLogin', principal, claimsText, linked: token.claims.upstream, client, now: claimsAt })
    } else if (showsAll(token, issuers.get(issuer))) {
      await store.execute({ kind: 'renewClaims', principal: SYSTEM, person, claimsText, claimsAt })
    }
  }
  return (token, claimsAt) => keep(token, claimsAt).catch((err: unknown) => log.error({ err }, 'a person could not be stored'))
}

function isByTheLogin(answer: Verification): boolean {
  return answer.outcome === 'refused' && BY_THE_LOGIN.includes(answer.reason)
}

function showsAll({ clientId, scopes }: VerifiedToken, issuer: ConfiguredIssuer | undefined): boolean {
  return issuer !== undefined && clientId === issuer.clientId && issuer.scopes.every(scope => scopes.includes(scope))
}

const TOO_MANY = 'So many unknown tokens come from this address that its login is asked about no more of them for now.'

function toUnavailable({
  detail,
  retryAfterMs,
}: Pick<Extract<Verification, { outcome: 'unavailable' }>, 'detail' | 'retryAfterMs'>): Unavailable {
  return { outcome: 'unavailable', says: detail, retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)) }
}

const REASONS: Readonly<Partial<Record<RefusedToken['reason'], Refused['reason']>>> = {
  unknown_issuer: 'issuer',
  unknown_key: 'unknown',
  signature: 'unknown',
  expired: 'expired',
  no_subject: 'unknown',
  audience: 'audience',
  revoked: 'revoked',
  insufficient_scope: 'audience',
  subject_mismatch: 'unknown',
}

function toRefused({ reason, detail }: RefusedToken): Refused {
  return { outcome: 'refused', reason: REASONS[reason] ?? 'malformed', says: detail }
}
