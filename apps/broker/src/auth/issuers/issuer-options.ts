/**
 * A configured login as `@portolan/identity` verifies by it.
 */
import type { IssuerOptions } from '@portolan/identity'
import type { ConfiguredIssuer } from '../../config/types.ts'

export function toIssuerOptions(issuer: ConfiguredIssuer): IssuerOptions {
  const { clientSecret } = issuer
  return {
    issuer: issuer.issuer,
    clientId: issuer.clientId,
    clientSecret: clientSecret && (() => clientSecret.reveal()),
    audiences: issuer.audiences,
    allowedAzp: issuer.allowedAzp,
    foreignAudiences: issuer.foreignAudiences,
    opaqueTokens: issuer.opaqueTokens,
    claimsFrom: issuer.claimsFrom,
    entitlementAuthorities: issuer.entitlementAuthorities,
    groupsClaim: issuer.groupsClaim,
    groupPrefix: issuer.groupPrefix,
    upstream: issuer.upstream,
  }
}
