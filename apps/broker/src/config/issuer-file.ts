/**
 * A login whose people and tokens are admitted.
 */
import * as z from 'zod'
import { HttpUrl, Identifier, Origin, SecretRef } from './fields.ts'

const words = z.array(z.string().min(1))

export const IssuerFile = z.strictObject({
  issuer: HttpUrl.describe('The issuer exactly as its tokens name it, a slash at the end included.'),
  id: Identifier.optional().describe(
    'Its name in the addresses of the broker, such as that to which the login sends people back. Default: its host.',
  ),
  name: z.string().min(1).optional().describe('Its name for people. Default: its host.'),
  clientId: z.string().min(1).describe('The name of the broker at this login.'),
  clientSecretRef: SecretRef.optional().describe('Where the client secret is. Absent: the broker is a public client there.'),
  scopes: words
    .min(1)
    .default(['openid', 'profile', 'email'])
    .describe('Scopes to ask for, `openid` among them. With `offline_access` the broker may ask about people who are away.'),
  claimsFrom: z
    .enum(['userinfo', 'token', 'introspection'])
    .default('userinfo')
    .describe('Where the claims of a person come from; `token`: from the access token itself.'),
  entitlementAuthorities: words
    .default([])
    .describe(
      'Authorities (after the `#`) whose entitlements count, for every namespace, or as `urn:geant:example.org#aai.example.org` for one.',
    ),
  audiences: words.default([]).describe('Audiences that a token may carry to count as ours. Default: `clientId`.'),
  allowedAzp: words.default([]).describe('Other clients of the same login whose tokens are taken.'),
  foreignAudiences: words
    .default([])
    .describe(
      'Audiences of others: a token for one of them, and not for us, is refused. Those of sites with `token_exchange` are always among them.',
    ),
  opaqueTokens: z.boolean().default(false).describe('Whether it also gives out opaque tokens, which are introspected. Only one login can.'),
  groupsClaim: z.string().min(1).optional().describe('A claim with groups of this issuer’s own.'),
  groupPrefix: z
    .string()
    .min(1)
    .optional()
    .describe('Put before each of its own groups, by which rules name them; it belongs to this login alone.'),
  upstream: z
    .strictObject({
      issuer: HttpUrl.describe('The issuer there.'),
      subjectClaim: z.string().min(1).describe('The claim with the subject there.'),
      issuerClaim: z.string().min(1).optional().describe('A claim with the issuer there; the link then holds only if it is the one above.'),
    })
    .optional()
    .describe('The login behind this one, if it says who people are there.'),
  idTokenAlgorithm: z
    .enum(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])
    .default('RS256')
    .describe('How it signs ID tokens; those signed in another way are refused.'),
  acrValues: words
    .default([])
    .describe(
      'Ways to log in that count, such as `https://refeds.org/profile/mfa`. Absent: any. A token that does not say its way is then refused, and so is everything of a person whose last login was in no such way, until they log in again.',
    ),
  endpointOrigins: z
    .array(Origin)
    .default([])
    .describe('Other origins that its endpoints lie at. The broker asks nothing of any other than these and the issuer’s own.'),
})
export type IssuerFile = z.infer<typeof IssuerFile>
