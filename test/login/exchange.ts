/**
 * Token exchange (RFC 8693) as LS-Login does it: an access token for an access token, and `requested_token_type` is insisted on.
 */
import { errors, type Provider, type TokenEndpointGrantContext } from 'oidc-provider'
import { issueToken } from './grants.ts'
import { EXCHANGE_GRANT } from './settings.ts'

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const LIFETIME_SECONDS = 600

interface ExchangeParameters {
  readonly subject_token?: string
  readonly subject_token_type?: string
  readonly requested_token_type?: string
  readonly scope?: string
}
const PARAMETERS = ['subject_token', 'subject_token_type', 'requested_token_type', 'audience', 'resource', 'scope'] as const

export function offerExchange(provider: Provider): void {
  provider.registerGrantType(EXCHANGE_GRANT, ctx => exchange(provider, ctx), PARAMETERS, ['audience', 'resource'])
}

async function exchange(provider: Provider, ctx: TokenEndpointGrantContext<ExchangeParameters>): Promise<void> {
  const { client, params } = ctx.oidc
  if (params.requested_token_type !== ACCESS_TOKEN) throw new errors.InvalidRequest(`requested_token_type must be ${ACCESS_TOKEN}`)
  if (params.subject_token_type !== ACCESS_TOKEN) throw new errors.InvalidRequest(`subject_token_type must be ${ACCESS_TOKEN}`)
  const subject = await provider.AccessToken.find(params.subject_token ?? '')
  if (subject === undefined) throw new errors.InvalidGrant('subject_token is unknown, expired or revoked')
  const held = [...subject.scopes]
  const wanted = params.scope?.split(' ') ?? held
  if (!wanted.every(scope => held.includes(scope)))
    throw new errors.InvalidScope('scope is wider than that of subject_token', params.scope ?? '')
  const scope = wanted.join(' ')
  const token = { client, accountId: subject.accountId, scope, expiresInSeconds: LIFETIME_SECONDS, gty: 'token-exchange' }
  ctx.body = {
    access_token: await issueToken(provider, token),
    issued_token_type: ACCESS_TOKEN,
    token_type: 'Bearer',
    expires_in: LIFETIME_SECONDS,
    scope,
  }
}
