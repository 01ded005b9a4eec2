/**
 * The provider document as LS-Login shows it, which promises more than anybody should use: unsigned ID tokens, plain PKCE, the implicit flow.
 */
import * as z from 'zod/mini'
import { DEVICE_GRANT, EXCHANGE_GRANT } from './settings.ts'

export const SCOPES = [
  'openid',
  'profile',
  'email',
  'address',
  'phone',
  'offline_access',
  'country',
  'eduperson_entitlement',
  'eduperson_assurance',
  'eduperson_orcid',
  'eduperson_unique_id',
  'eduperson_scoped_affiliation',
  'eduperson_principal_name',
  'voperson_external_affiliation',
  'voperson_current_external_affiliation',
  'voperson_external_id',
  'schac_home_organization',
  'authenticating_entity',
  'max_user_authentication_capability',
  'ga4gh_passport_v1',
  'ssh_public_key',
  'crypt4ghPublicKeys',
  'gpgPublicKeys',
  'minio_policies',
] as const

export const MFA = 'https://refeds.org/profile/mfa'
export const SFA = 'https://refeds.org/profile/sfa'
const SAML = 'urn:oasis:names:tc:SAML:2.0:ac:classes'
export const ACR_VALUES = [`${SAML}:unspecified`, `${SAML}:PasswordProtectedTransport`, SFA, MFA]

const STANDARD_SCOPES: Readonly<Record<string, readonly string[]>> = {
  // What is about the login itself stays in the ID token; userinfo does not know it.
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'given_name', 'family_name', 'preferred_username'],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
  offline_access: [],
}

/** The claims that each scope opens. A scope that is not one of OpenID's opens the claim of its name. */
export const CLAIMS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  SCOPES.map(scope => [scope, STANDARD_SCOPES[scope] ?? [scope]]),
)

const SIGNATURES = ['HS', 'RS', 'ES', 'PS'].flatMap(family => [256, 384, 512].map(bits => `${family}${bits}`))

const Document = z.record(z.string(), z.unknown())

/** Takes the provider's own document, for its addresses. */
export function describeProvider(own: unknown): Record<string, unknown> {
  const { authorization_response_iss_parameter_supported: _, ...document } = Document.parse(own)
  return {
    ...document,
    acr_values_supported: ACR_VALUES,
    claim_types_supported: ['normal'],
    claims_parameter_supported: false,
    code_challenge_methods_supported: ['plain', 'S256', 'none'],
    grant_types_supported: ['authorization_code', 'implicit', 'client_credentials', 'refresh_token', EXCHANGE_GRANT, DEVICE_GRANT],
    id_token_signing_alg_values_supported: [...SIGNATURES, 'none'],
    request_uri_parameter_supported: false,
    response_types_supported: ['code', 'token id_token'],
    scopes_supported: SCOPES,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
  }
}
