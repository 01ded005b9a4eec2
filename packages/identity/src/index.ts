export type { Fetch } from './ask-login.ts'
export { isPinned, type PinnedAuthority, pinAuthorities } from './authorities.ts'
export type { Claims, IgnoredEntitlements } from './claims.ts'
export { type Entitlement, type ParsedEntitlement, parseEntitlement } from './entitlement.ts'
export { ALGORITHMS, type Algorithm, type IssuerOptions, type TokenType, type UpstreamOptions } from './issuer.ts'
export type { KeptTimes } from './kept-document.ts'
export { createMembership, type Member, type Membership, type ParsedMember } from './member.ts'
export { type Holder, isMeant, type MemberLine, type ParsedMemberLine, parseMemberLine } from './member-line.ts'
export { formatPerson, isSamePerson, type ParsedPerson, type Person, parsePerson } from './person.ts'
export { type Matching, satisfies } from './satisfies.ts'
export {
  type ClaimsAnswer,
  type ClaimsQuestion,
  createTokenVerifier,
  type TokenVerifier,
  type TokenVerifierOptions,
  type VerifyOptions,
} from './token-verifier.ts'
export {
  REFUSAL_REASONS,
  type RefusalReason,
  type RefusedToken,
  type TokenCheck,
  type UnavailableIssuer,
  type ValidToken,
  type Verification,
  type VerifiedToken,
} from './verification.ts'
