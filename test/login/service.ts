/**
 * A service that people log in to, made of openid-client: it speaks to the stand-in as LS-Login's users would, and nobody here wrote it.
 */
import * as openid from 'openid-client'
import { makeSecret } from '../leaks/secrets.ts'
import { MFA } from './discovery.ts'
import { loginInBrowser } from './person.ts'
import { DEVICE_GRANT, EXCHANGE_GRANT } from './settings.ts'

export const REDIRECT_URI = 'http://127.0.0.1:9/callback'
export const LOGGED_OUT_URI = 'http://127.0.0.1:9/bye'
export const RESOURCE = 'https://site-a.example.org/'
export const SCOPE = 'openid profile email offline_access eduperson_entitlement ga4gh_passport_v1'

const TIMEOUT_SECONDS = 20

export const CLIENTS = [
  {
    id: 'service',
    secret: makeSecret('service'),
    grants: ['authorization_code', 'refresh_token', 'client_credentials', DEVICE_GRANT, EXCHANGE_GRANT],
    redirectUris: [REDIRECT_URI],
    postLogoutRedirectUris: [LOGGED_OUT_URI],
    resources: [RESOURCE],
  },
  {
    id: 'other',
    secret: makeSecret('other'),
    sendsSecret: 'post',
    grants: ['authorization_code'],
    redirectUris: [REDIRECT_URI],
    scopes: ['openid', 'email'],
  },
  { id: 'terminal', grants: [DEVICE_GRANT, 'refresh_token'] },
] as const

/** Reads the provider document as one of the clients, which checks signatures of ID tokens. */
export async function discover(issuer: string, clientId: (typeof CLIENTS)[number]['id'] = 'service'): Promise<openid.Configuration> {
  const client = CLIENTS.find(({ id }) => id === clientId)
  const authentication = client === undefined ? openid.None() : authenticate(client)
  const metadata = { id_token_signed_response_alg: 'RS256' }
  const execute = [openid.allowInsecureRequests, openid.enableNonRepudiationChecks]
  return openid.discovery(new URL(issuer), clientId, metadata, authentication, { execute, timeout: TIMEOUT_SECONDS })
}

function authenticate(client: (typeof CLIENTS)[number]): openid.ClientAuth {
  if (!('secret' in client)) return openid.None()
  return 'sendsSecret' in client ? openid.ClientSecretPost(client.secret) : openid.ClientSecretBasic(client.secret)
}

export interface LoginChecks {
  readonly expectedState: string
  readonly expectedNonce: string
  readonly pkceCodeVerifier: string
}

/** Code and PKCE up to the redirect back: the address, and what it has to be checked against. */
export async function askForCode(config: openid.Configuration, person: string): Promise<{ back: URL; checks: LoginChecks }> {
  const checks = {
    expectedState: openid.randomState(),
    expectedNonce: openid.randomNonce(),
    pkceCodeVerifier: openid.randomPKCECodeVerifier(),
  }
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope: SCOPE,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await openid.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    acr_values: MFA,
  })
  return { back: new URL(await loginInBrowser(url.href, person)), checks }
}

export type Tokens = Awaited<ReturnType<typeof openid.authorizationCodeGrant>>

/** A whole login. */
export async function logIn(config: openid.Configuration, person: string): Promise<Tokens> {
  const { back, checks } = await askForCode(config, person)
  return openid.authorizationCodeGrant(config, back, { ...checks, idTokenExpected: true })
}
