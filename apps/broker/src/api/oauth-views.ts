/**
 * What the authorization server has decided, as the RFCs write it. Pure.
 */
import type { StartedDevice } from '../auth/oauth/device-flow.ts'
import type { Granted } from '../auth/oauth/grant-tokens.ts'
import type { OAuthErrorCode } from '../auth/oauth/refused.ts'
import type { AuthorizationServer, DeviceAuthorization, TokenGrant } from './oauth-schemas.ts'

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
export const REFRESH_GRANT = 'refresh_token'

export const OAUTH_PATHS = {
  device: '/portolan/v1/oauth/device',
  token: '/portolan/v1/oauth/token',
  revoke: '/portolan/v1/oauth/revoke',
  keys: '/portolan/v1/oauth/keys',
} as const

export function showDevice({ deviceCode, userCode, page, complete, lifeMs, intervalMs }: StartedDevice): DeviceAuthorization {
  return {
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: page,
    verification_uri_complete: complete,
    expires_in: Math.floor(lifeMs / 1_000),
    interval: Math.ceil(intervalMs / 1_000),
  }
}

export function showGrant({ accessToken, lifeMs, refreshToken, scopes, project }: Granted): TokenGrant {
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: Math.floor(lifeMs / 1_000),
    refresh_token: refreshToken,
    scope: scopes.join(' '),
    ...(project !== undefined && { project }),
  }
}

/** `issuer`: the public URL of the broker. */
export function showAuthorizationServer(issuer: string): AuthorizationServer {
  return {
    issuer,
    device_authorization_endpoint: issuer + OAUTH_PATHS.device,
    token_endpoint: issuer + OAUTH_PATHS.token,
    revocation_endpoint: issuer + OAUTH_PATHS.revoke,
    jwks_uri: issuer + OAUTH_PATHS.keys,
    scopes_supported: ['read', 'write', 'admin'],
    response_types_supported: [],
    grant_types_supported: [DEVICE_GRANT, REFRESH_GRANT],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
  }
}

export function statusOf(error: OAuthErrorCode): number {
  return error === 'temporarily_unavailable' ? 503 : 400
}
