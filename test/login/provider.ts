/**
 * The OpenID provider inside, configured as LS-Login is: its paths, scopes and grants, claims at userinfo and not in the ID token.
 */
import { randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'
import { type ClientMetadata, type Configuration, Provider } from 'oidc-provider'
import { makeSecret } from '../leaks/secrets.ts'
import { ACR_VALUES, CLAIMS, SCOPES } from './discovery.ts'
import { offerExchange } from './exchange.ts'
import { grantScopes } from './grants.ts'
import type { Memory } from './memory.ts'
import { confirmDevicePage, enterCodePage, logoutPage, noticePage } from './pages.ts'
import type { PeopleBook } from './people-book.ts'
import { claimsOfResource } from './resources.ts'
import type { RegisteredClient, Settings } from './settings.ts'
import type { VisaOffice } from './visas.ts'

const ROUTES = {
  authorization: '/authorize',
  token: '/token',
  userinfo: '/userinfo',
  introspection: '/introspect',
  revocation: '/revoke',
  device_authorization: '/devicecode',
  code_verification: '/device',
  jwks: '/jwk',
  end_session: '/endsession',
}
const LIFETIME_SECONDS = {
  AccessToken: 3_600,
  AuthorizationCode: 60,
  ClientCredentials: 3_600,
  DeviceCode: 600,
  Grant: 86_400,
  IdToken: 600,
  Interaction: 600,
  RefreshToken: 86_400,
  Session: 3_600,
}

export interface ProviderParts {
  /** Where the pages are: the origin of the issuer. */
  readonly origin: string
  readonly clients: readonly RegisteredClient[]
  readonly people: PeopleBook
  readonly visas: VisaOffice
  readonly memory: Memory
  readonly refreshTokens: Settings['refreshTokens']
}

export async function makeProvider(issuer: string, parts: ProviderParts): Promise<Provider> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const provider = new Provider(issuer, {
    ...configure(parts),
    ...describePages(),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256' }] },
  })
  markSecrets(provider)
  offerExchange(provider)
  provider.on('server_error', (_ctx, error) => {
    console.error(error)
  })
  return provider
}

/** Codes and tokens that are no JWT carry the marker of the run, so that they are found where they leak. */
function markSecrets({ AccessToken, AuthorizationCode, DeviceCode, RefreshToken }: Provider): void {
  for (const { prototype } of [AccessToken, AuthorizationCode, DeviceCode, RefreshToken]) {
    const make: unknown = Reflect.get(prototype, 'generateTokenId')
    if (typeof make !== 'function') throw new TypeError('the provider makes the ids of its tokens in another way')
    Object.assign(prototype, { generateTokenId: mark(owner => Reflect.apply(make, owner, [])) })
  }
}

/** A method that makes the id of what it belongs to. */
function mark(make: (owner: unknown) => unknown): (this: unknown) => string {
  return function (this: unknown) {
    return makeSecret(String(make(this)))
  }
}

function configure({ origin, clients, people, visas, memory, refreshTokens }: ProviderParts): Configuration {
  const { port } = new URL(origin)
  return {
    adapter: model => memory.adapter(model),
    clients: clients.map(describeClient),
    scopes: SCOPES,
    claims: CLAIMS,
    acrValues: ACR_VALUES,
    responseTypes: ['code'],
    routes: ROUTES,
    ttl: LIFETIME_SECONDS,
    conformIdTokenClaims: true,
    rotateRefreshToken: refreshTokens === 'rotated',
    pkce: { required: (_ctx, client) => client.tokenEndpointAuthMethod === 'none' },
    // Browsers keep cookies by host and not by port: two stand-ins on one machine must not share theirs.
    cookies: {
      keys: [randomBytes(16).toString('hex')],
      names: { session: `session_${port}`, interaction: `interaction_${port}`, resume: `resume_${port}` },
    },
    interactions: { url: (_ctx, { uid }) => `${origin}/interaction/${uid}` },
    // Whatever is asked for is granted, without a consent page.
    loadExistingGrant({ oidc: { client, session, requestParamScopes, provider } }) {
      return grantScopes(provider, client?.clientId ?? '', session?.accountId ?? '', [...requestParamScopes].join(' '))
    },
    findAccount(_ctx, sub) {
      const person = people.bySub(sub)
      if (person === undefined) return undefined
      return {
        accountId: sub,
        async claims(use, scope) {
          const shows = use === 'userinfo' && scope.split(' ').includes('ga4gh_passport_v1')
          return { ...person.claims, ...(shows && { ga4gh_passport_v1: await visas.sign(sub, person.visas) }), sub }
        },
      }
    },
    extraTokenClaims: ctx => claimsOfResource(ctx, clients),
  }
}

function describePages(): Configuration {
  return {
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true },
      deviceFlow: {
        enabled: true,
        userCodeInputSource(ctx, form, _out, error) {
          ctx.body = enterCodePage(form, error && 'There is no such code, or its time is over.')
        },
        userCodeConfirmSource(ctx, form, client, _device, userCode) {
          ctx.body = confirmDevicePage(form, client.clientId, userCode)
        },
        successSource(ctx) {
          ctx.body = noticePage('Connected', 'The device is connected. You can close this page.')
        },
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(ctx, form) {
          ctx.body = logoutPage(form)
        },
        postLogoutSuccessSource(ctx) {
          ctx.body = noticePage('Logged out', 'You are logged out.')
        },
      },
    },
    renderError(ctx, out) {
      ctx.type = 'html'
      ctx.body = noticePage('The login failed', `${out.error}: ${out.error_description ?? ''}`)
    },
  }
}

function describeClient({
  id,
  secret,
  sendsSecret,
  grants,
  redirectUris,
  postLogoutRedirectUris,
  scopes,
}: RegisteredClient): ClientMetadata {
  return {
    client_id: id,
    ...(secret !== undefined && { client_secret: secret }),
    token_endpoint_auth_method: secret === undefined ? 'none' : `client_secret_${sendsSecret}`,
    grant_types: grants,
    response_types: grants.includes('authorization_code') ? ['code'] : [],
    redirect_uris: redirectUris,
    post_logout_redirect_uris: postLogoutRedirectUris,
    id_token_signed_response_alg: 'RS256',
    ...(scopes !== undefined && { scope: scopes.join(' ') }),
  }
}
