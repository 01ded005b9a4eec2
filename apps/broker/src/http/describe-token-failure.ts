/**
 * What the failure of a request for a token means. Nothing that the server wrote gets into the text but a code of RFC 6749, 8693 or 8707: the rest
 * could repeat the secret that it was sent.
 */
import { ApiError } from '@portolan/ga4gh'
import { ClientError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client'
import { WrongIssuer } from './oauth-client.ts'
import { TokenFailure } from './token-failure.ts'

const CODES = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
  'access_denied',
]
/** In an exchange these are about the token of the person. */
const PERSONAL = ['invalid_request', 'invalid_grant', 'access_denied']

/** `place`: the issuer or address of the token server. `forPerson`: it was an exchange. */
export function describeTokenFailure(error: unknown, place: string, forPerson: boolean): TokenFailure {
  if (error instanceof TokenFailure) return error
  const server = `the token server ${place}`
  if (error instanceof WrongIssuer) return new TokenFailure('client', `${server} is not what it is said to be: ${error.message}`)
  const sent = findApiError(error)
  if (sent) return new TokenFailure('unavailable', `${server} cannot be asked: ${sent.message}`, sent)
  if (error instanceof ResponseBodyError) return describeRefusal(error, server, forPerson)
  if (error instanceof WWWAuthenticateChallengeError) {
    return new TokenFailure('client', `${server} refuses the broker's client (${error.status}); check clientId and clientSecretRef`)
  }
  if (!(error instanceof ClientError)) return new TokenFailure('unavailable', `${server} cannot be asked`)
  const status = error.cause instanceof Response ? error.cause.status : 0
  if (isBusy(status)) return new TokenFailure('unavailable', `${server} cannot give a token now (${status})`)
  if (error.code === 'OAUTH_UNSUPPORTED_OPERATION')
    return new TokenFailure('client', `${server} gives a token of a kind that cannot be sent`)
  const code = error.code !== undefined ? ` (${error.code})` : ''
  if (code.includes('COMPARISON')) return new TokenFailure('client', `${server} names another issuer in its discovery document${code}`)
  return new TokenFailure('unavailable', `${server} answers with what is no token${code}`)
}

function describeRefusal({ error, status }: ResponseBodyError, server: string, forPerson: boolean): TokenFailure {
  const code = CODES.includes(error) ? error : 'an unknown code'
  if (isBusy(status)) return new TokenFailure('unavailable', `${server} cannot give a token now (${status})`)
  if (forPerson && PERSONAL.includes(code)) return new TokenFailure('person', `${server} does not exchange this person's token (${code})`)
  return new TokenFailure('client', `${server} gives the broker no token (${code})`)
}

function isBusy(status: number): boolean {
  return status >= 500 || status === 429
}

function findApiError(error: unknown): ApiError | undefined {
  for (let link = error, depth = 0; link instanceof Error && depth < 5; link = link.cause, depth++) {
    if (link instanceof ApiError) return link
  }
  return undefined
}
