/**
 * What the failure of a request to a login means, as a sentence for the person who waits. Nothing that the login wrote gets into it but a code of
 * the standards.
 */
import { ApiError } from '@portolan/ga4gh'
import { ClientError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client'
import { WrongIssuer } from './oauth-client.ts'

const TELL = 'Tell the operators of this service.'
const LATER = 'Try again later.'

export function describeLoginFailure(error: unknown, issuer: string): string {
  const login = `The login ${issuer}`
  const sent = findSent(error)
  if (error instanceof WrongIssuer || codeOf(error) === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED')
    return `${login} names itself otherwise than here: the two must be equal to the letter, a slash at the end included. ${TELL}`
  if (error instanceof WWWAuthenticateChallengeError || (error instanceof ResponseBodyError && error.error === 'invalid_client'))
    return `${login} does not know this service: its client secret may have changed. ${TELL}`
  if (error instanceof ResponseBodyError && error.status < 500) return `${login} refuses this service. ${TELL}`
  if (error instanceof ResponseBodyError) return `${login} answered ${error.status}. ${LATER}`
  if (sent?.code === 'unreachable' && sent.message.includes('another origin'))
    return `${login} has an endpoint that is not among its endpointOrigins. ${TELL}`
  if (sent?.code === 'timeout' || sent?.code === 'aborted' || codeOf(error) === 'OAUTH_TIMEOUT' || codeOf(error) === 'OAUTH_ABORT')
    return `${login} did not answer in time. ${LATER}`
  if (sent) return `${login} cannot be reached. ${LATER}`
  return describeAnswer(error, login)
}

function describeAnswer(error: unknown, login: string): string {
  const response = error instanceof ClientError && error.cause instanceof Response ? error.cause : undefined
  const isPage = response?.headers.get('content-type')?.startsWith('text/html') === true || (response?.status ?? 0) >= 300
  if (response && response.status >= 400) return `${login} answered ${response.status}. ${LATER}`
  if (response && isPage)
    return (
      `${login} answered with a web page instead of data. If this service is still in the login's test phase, only members of its test group get ` +
      `through: ask the operators of this service how to join. Otherwise the login may be under maintenance: try again later.`
    )
  return `${login} gave an answer that cannot be read. ${LATER}`
}

function codeOf(error: unknown): string | undefined {
  return error instanceof ClientError ? error.code : undefined
}

function findSent(error: unknown): ApiError | undefined {
  for (let link = error, depth = 0; link instanceof Error && depth < 5; link = link.cause, depth++)
    if (link instanceof ApiError) return link
  return undefined
}
