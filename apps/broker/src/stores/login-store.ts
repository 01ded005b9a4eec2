/**
 * The login store port: the truth about persons, personal tokens, refresh families, sessions, device flows and pending logins.
 *
 * It promises what the store promises (`store.ts`) and shares its file, its writer and its commits: one command is one atomic step, answered
 * after its durable commit; two callers of one secret are decided by compare-and-set, so that what may be used once is used once; a command
 * whose answer was lost in a crash may be there, whole, or not at all. Nothing of a login lives in memory alone.
 *
 * The right to ask is proved in one of two ways. Where somebody is logged in, by the `principal`: a person reaches what is theirs (through a
 * credential bound to a project, what is theirs in that project), admins and the broker reach all, and what cannot be reached is `notFound`.
 * Where nobody is logged in yet, by the hash of a secret: who can name the hash was given the secret, and reaches the one row that has it.
 * No command and no read goes without one of the two.
 */
import type { ProjectId } from '@portolan/federation'
import type { Principal, Scope } from '../auth/principal.ts'
import type {
  DeviceFlowId,
  DeviceFlowRow,
  FamilyEnd,
  FamilyId,
  FamilyRow,
  LiveRows,
  Page,
  PageOf,
  PersonEvent,
  PersonRef,
  PersonRow,
  SecretHash,
  SessionRow,
  SessionStanding,
  TokenId,
  TokenRow,
  TokenStanding,
} from './login-rows.ts'

export interface NewToken {
  readonly id: TokenId
  readonly hash: SecretHash
  readonly name: string
  readonly project?: ProjectId | undefined
  readonly scopes: readonly Scope[]
  readonly expiresAt: number
}

export interface NewFamily {
  readonly id: FamilyId
  readonly client: string
  readonly project?: ProjectId | undefined
  readonly scopes: readonly Scope[]
  readonly expiresAt: number
}

export interface NewSession {
  readonly hash: SecretHash
  readonly idleMs: number
  readonly expiresAt: number
  /** What the broker must know to end it at the issuer too, JSON text. */
  readonly dataText: string
}

export interface NewDeviceFlow {
  readonly id: DeviceFlowId
  readonly deviceHash: SecretHash
  readonly userHash: SecretHash
  readonly client: string
  readonly address: string
  readonly scopes: readonly Scope[]
  readonly expiresAt: number
  /** The pause that it must keep between two polls. */
  readonly intervalMs: number
}

export interface NewPendingLogin {
  readonly stateHash: SecretHash
  /** Of the cookie in the browser that began it. */
  readonly bindingHash: SecretHash
  readonly issuer: string
  /** Verifier, nonce, where to return to, JSON text. */
  readonly text: string
  readonly expiresAt: number
}

export type LoginCommand =
  /** The principal is the person whom the issuer has just named. An absent `upstreamRefresh` keeps the one that is there. Leaves the event `login`. */
  | {
      readonly kind: 'recordLogin'
      readonly principal: Principal
      readonly claimsText: string
      readonly linked?: PersonRef | undefined
      readonly upstreamRefresh?: string | undefined
      readonly client: string
      readonly now: number
    }
  /** What the issuer said later, without a login. Only for the broker. `stale`: newer claims are there. */
  | {
      readonly kind: 'renewClaims'
      readonly principal: Principal
      readonly person: PersonRef
      readonly claimsText: string
      readonly claimsAt: number
    }
  /** Takes the right to exchange the issuer's refresh token of a person, under a name (`claim`) that nobody took before. Only for the broker. One has it
   *  at a time, whatever the process: `taken` until then by another, and from then on free again, since who has it may have died. `absent`: there
   *  is no such token. A login that brings another one ends the claim. */
  | {
      readonly kind: 'claimUpstream'
      readonly principal: Principal
      readonly person: PersonRef
      readonly claim: string
      readonly ttlMs: number
      readonly now: number
    }
  /** Ends a claim with what came of it: another token, null for none any more, absent to keep the one that is there. Only for the broker. `lost`: the
   *  claim is another's by now, or the person has logged in or out; nothing is written. */
  | {
      readonly kind: 'settleUpstream'
      readonly principal: Principal
      readonly person: PersonRef
      readonly claim: string
      readonly upstreamRefresh?: string | null | undefined
    }
  /** Forgets the issuer's refresh token and any claim on it, and answers it a last time. Only for the broker. */
  | { readonly kind: 'forgetUpstream'; readonly principal: Principal; readonly person: PersonRef }
  /** For the principal. Refused (`exceeds`) if it could more than the principal's own credential: a scope that it lacks, or another project than
   *  the one it is bound to; (`ended`) if the login of a device by which it is asked for has ended since it was let in; and (`tooMany`) if the person
   *  has `most` live ones. */
  | {
      readonly kind: 'createToken'
      readonly principal: Principal
      readonly token: NewToken
      readonly most: number
      readonly now: number
    }
  | { readonly kind: 'revokeToken'; readonly principal: Principal; readonly id: TokenId; readonly now: number }
  /** Notes that tokens and sessions were used; each is written at most once a minute, whatever is asked. Only for the broker. A session that
   *  is not live stays so. */
  | {
      readonly kind: 'touch'
      readonly principal: Principal
      readonly tokens: readonly { readonly id: TokenId; readonly at: number }[]
      readonly sessions: readonly { readonly hash: SecretHash; readonly at: number }[]
    }

  /** For the principal; `hash` is its first refresh token. Refused (`exceeds`) like a token. Of the person's live ones those go, by `displaced`, that
   *  were not refreshed for longest, until there are `most`. `flow`: the device flow that it comes from, which a poll has used; `withdrawn`: the
   *  person has ended it since. */
  | {
      readonly kind: 'startFamily'
      readonly principal: Principal
      readonly family: NewFamily
      readonly flow?: DeviceFlowId | undefined
      readonly hash: SecretHash
      readonly most: number
      readonly now: number
    }
  /** Exchanges the refresh token `hash` for `successor`; the right is the hash. `rotated` and `again`: `successor` is now the one current
   *  token. `again`: the token had been exchanged already, its answer may have been lost, and the client gets the benefit of the doubt once.
   *  `reuse`: it was somebody else, or too late: the family has ended with this step. `ended`: it had ended before, or was too old. */
  | {
      readonly kind: 'rotateRefresh'
      readonly hash: SecretHash
      readonly client: string
      readonly successor: SecretHash
      readonly now: number
    }
  /** Ends the family of a refresh token, by `logout`; the right is the hash. */
  | { readonly kind: 'logoutFamily'; readonly hash: SecretHash; readonly now: number }
  | { readonly kind: 'revokeFamily'; readonly principal: Principal; readonly id: FamilyId; readonly now: number }
  /** Ends every session and every refresh family of a person, the families by `revoked`, and every approval of a device that has not fetched its tokens
   *  yet: to its polls it is `expired`. `tokens`: and every live personal token, in the same step, so that nothing makes another meanwhile. */
  | {
      readonly kind: 'endAll'
      readonly principal: Principal
      readonly person: PersonRef
      readonly tokens: boolean
      readonly now: number
    }
  /** Ends one such approval. */
  | { readonly kind: 'endApproval'; readonly principal: Principal; readonly id: DeviceFlowId; readonly now: number }

  /** For the principal. The session `replaces`, that of the same browser before the login, ends in the same step, and so do those of the person that
   *  nobody was seen in for longest, until there are `most`. */
  | {
      readonly kind: 'startSession'
      readonly principal: Principal
      readonly session: NewSession
      readonly replaces?: SecretHash | undefined
      readonly most: number
      readonly now: number
    }
  /** Replaces the coded data of a live session; the right is the hash. */
  | { readonly kind: 'putSessionData'; readonly hash: SecretHash; readonly dataText: string; readonly now: number }
  /** Logout; the right is the hash. Answers the session's data a last time and forgets them. */
  | { readonly kind: 'endSession'; readonly hash: SecretHash; readonly now: number }

  /** Anybody may begin one. `userCodeTaken`: another live flow has it, choose another. Of those that nobody has decided the oldest are dropped until
   *  there are `most`. */
  | { readonly kind: 'startDevice'; readonly flow: NewDeviceFlow; readonly most: number; readonly now: number }
  /** By the person who has the user code before their eyes, in the browser of `session`; `ended`: that counts no more. `scopes`: what of the flow's
   *  scopes is granted, else `exceeds`. `decided`: it was decided before. */
  | {
      readonly kind: 'approveDevice'
      readonly principal: Principal
      readonly session?: SecretHash | undefined
      readonly userHash: SecretHash
      readonly scopes: readonly Scope[]
      readonly project?: ProjectId | undefined
      readonly now: number
    }
  | { readonly kind: 'denyDevice'; readonly principal: Principal; readonly userHash: SecretHash; readonly now: number }
  /** A poll of the device; the right is the hash, as the client that began the flow. `approved` is answered once, to one of many: the flow is
   *  used with it. `slowDown`: it came too early, and must keep `intervalMs` from now on. */
  | { readonly kind: 'pollDevice'; readonly deviceHash: SecretHash; readonly client: string; readonly now: number }

  /** Anybody may begin one. Of those that nobody came back from the oldest are dropped until there are `most`. */
  | { readonly kind: 'startLogin'; readonly login: NewPendingLogin; readonly most: number; readonly now: number }
  /** The browser comes back; the right is both hashes. `consumed` is answered once, and its text forgotten. A wrong browser or issuer consumes
   *  nothing. */
  | {
      readonly kind: 'consumeLogin'
      readonly stateHash: SecretHash
      readonly bindingHash: SecretHash
      readonly issuer: string
      readonly now: number
    }

  /** Deletes what nobody can use any more, at most `limit` rows. Only for the broker. */
  | { readonly kind: 'sweepLogins'; readonly principal: Principal; readonly limit: number; readonly now: number }

export interface LoginResults {
  recordLogin: { readonly outcome: 'done' }
  renewClaims: { readonly outcome: 'done' | 'stale' | 'notFound' }
  claimUpstream:
    | { readonly outcome: 'claimed'; readonly upstreamRefresh: string }
    | { readonly outcome: 'taken'; readonly until: number }
    | { readonly outcome: 'absent' }
  settleUpstream: { readonly outcome: 'done' | 'lost' }
  forgetUpstream: { readonly outcome: 'done'; readonly upstreamRefresh?: string | undefined }
  createToken: { readonly outcome: 'created' | 'exceeds' | 'ended' | 'tooMany' }
  revokeToken: { readonly outcome: 'revoked' | 'alreadyRevoked' | 'notFound' }
  touch: { readonly written: number }
  startFamily:
    | { readonly outcome: 'started'; readonly displaced: readonly FamilyId[] }
    | { readonly outcome: 'exceeds' }
    | { readonly outcome: 'withdrawn' }
  rotateRefresh:
    | { readonly outcome: 'rotated' | 'again' | 'reuse'; readonly family: FamilyRow }
    | { readonly outcome: 'ended'; readonly family: FamilyRow; readonly why: FamilyEnd }
    | { readonly outcome: 'notFound' }
  logoutFamily: { readonly outcome: 'ended' | 'alreadyEnded' | 'notFound' }
  revokeFamily: { readonly outcome: 'ended' | 'alreadyEnded' | 'notFound' }
  endAll:
    | {
        readonly outcome: 'done'
        readonly sessions: number
        readonly families: number
        readonly approvals: number
        readonly tokens: number
      }
    | { readonly outcome: 'notFound' }
  endApproval: { readonly outcome: 'ended' | 'notFound' }
  startSession: { readonly outcome: 'started'; readonly displaced: readonly SecretHash[] }
  putSessionData: { readonly outcome: 'done' | 'notFound' }
  endSession: { readonly outcome: 'ended'; readonly owner: PersonRef; readonly dataText: string } | { readonly outcome: 'notFound' }
  startDevice: { readonly outcome: 'started'; readonly dropped: number } | { readonly outcome: 'userCodeTaken' }
  approveDevice: { readonly outcome: 'approved' | 'decided' | 'exceeds' | 'notFound' | 'ended' }
  denyDevice: { readonly outcome: 'denied' | 'decided' | 'notFound' }
  pollDevice:
    | { readonly outcome: 'pending' | 'slowDown'; readonly intervalMs: number }
    | { readonly outcome: 'approved'; readonly flow: DeviceFlowRow & { readonly person: PersonRef } }
    | { readonly outcome: 'denied' | 'expired' | 'used' | 'notFound' }
  startLogin: { readonly outcome: 'started'; readonly dropped: number }
  consumeLogin:
    | { readonly outcome: 'consumed'; readonly text: string }
    | { readonly outcome: 'expired' | 'used' | 'otherBrowser' | 'otherIssuer' | 'notFound' }
  sweepLogins: { readonly deleted: number }
}

/** A command that cannot be written now rejects with `StoreUnavailable` of the store. */
export interface LoginStore {
  execute<C extends LoginCommand>(command: C): Promise<LoginResults[C['kind']]>

  getPerson(principal: Principal, person: PersonRef): PersonRow | undefined
  /** The refresh token of the issuer, for the broker alone. */
  getUpstreamRefresh(principal: Principal, person: PersonRef): string | undefined
  /** Newest first, at most `limit`. */
  getPersonEvents(principal: Principal, person: PersonRef, limit: number): readonly PersonEvent[]

  /** The right is the hash. Only `live` opens the door. */
  findToken(hash: SecretHash, now: number): { readonly standing: TokenStanding; readonly token: TokenRow } | undefined
  listTokens(principal: Principal, page: PageOf): Page<TokenRow>
  getFamily(principal: Principal, id: FamilyId): FamilyRow | undefined
  /** The family of a refresh token, current or exchanged, as it stands; the right is the hash. It says nothing of whether the token counts. */
  findFamily(hash: SecretHash): FamilyRow | undefined
  listFamilies(principal: Principal, page: PageOf): Page<FamilyRow>
  /** The right is the hash. Only `live` opens the door. */
  findSession(hash: SecretHash, now: number): { readonly standing: SessionStanding; readonly session: SessionRow } | undefined
  /** The data of a live session; the right is the hash. */
  getSessionData(hash: SecretHash, now: number): string | undefined
  /** The flow that has this user code and has not expired, for whoever is logged in and can name the code; a decided one only for who decided
   *  it. */
  findDevice(principal: Principal, userHash: SecretHash, now: number): DeviceFlowRow | undefined
  /** What of a person is live, at most so many of each. */
  listLive(principal: Principal, person: PersonRef, page: { readonly most: number; readonly now: number }): LiveRows
}
