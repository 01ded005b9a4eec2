/**
 * What the broker answers as an OAuth authorization server, as zod schemas, one per component of `openapi/portolan-1.yaml`. Names and forms are
 * those of the RFCs; times are whole seconds.
 */
import * as z from 'zod/mini'
import { OAUTH_ERRORS } from '../auth/oauth/refused.ts'

const strings = z.array(z.string())

/** RFC 8628, section 3.2. */
export const DeviceAuthorization = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string(),
  expires_in: z.int(),
  interval: z.int(),
})
export type DeviceAuthorization = z.infer<typeof DeviceAuthorization>

/** RFC 6749, section 5.1. */
export const TokenGrant = z.object({
  access_token: z.string(),
  token_type: z.enum(['Bearer']),
  expires_in: z.int(),
  refresh_token: z.string(),
  scope: z.string(),
  project: z.optional(z.string()),
})
export type TokenGrant = z.infer<typeof TokenGrant>

/** RFC 6749, section 5.2; RFC 8628, section 3.5; RFC 7009, section 2.2.1. */
const OAuthErrorCode = z.enum(OAUTH_ERRORS)

export const OAuthError = z.object({ error: OAuthErrorCode, error_description: z.string() })
export type OAuthError = z.infer<typeof OAuthError>

/** RFC 7517, section 4; RFC 7518, section 6.2.1. */
const PublicKey = z.object({
  kty: z.enum(['EC']),
  crv: z.enum(['P-256']),
  x: z.string(),
  y: z.string(),
  kid: z.string(),
  use: z.enum(['sig']),
  alg: z.enum(['ES256']),
})

/** RFC 7517, section 5. */
const KeySet = z.object({ keys: z.array(PublicKey) })

/** RFC 8414, section 2. */
export const AuthorizationServer = z.object({
  issuer: z.string(),
  device_authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  revocation_endpoint: z.string(),
  jwks_uri: z.string(),
  scopes_supported: strings,
  response_types_supported: strings,
  grant_types_supported: strings,
  token_endpoint_auth_methods_supported: strings,
  revocation_endpoint_auth_methods_supported: strings,
})
export type AuthorizationServer = z.infer<typeof AuthorizationServer>

export const OAUTH_SCHEMAS = { DeviceAuthorization, TokenGrant, OAuthError, OAuthErrorCode, PublicKey, KeySet, AuthorizationServer }
