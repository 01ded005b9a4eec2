/**
 * Reads what a `fetch` threw: did the connection never come about, or did it break later? When in doubt the answer is "later",
 * since a request that may have arrived must not be repeated blindly.
 */
import * as z from 'zod/mini'
import { ApiError } from './errors.ts'

const NEVER_CONNECTED = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
])
const NEVER_TRUSTED =
  /^(CERT_|UNABLE_TO_|ERR_SSL_\w*(WRONG_VERSION_NUMBER|HANDSHAKE_FAILURE|UNSUPPORTED_PROTOCOL|CERTIFICATE|UNKNOWN_CA|UNRECOGNIZED_NAME))/

const Failure = z.object({
  code: z.catch(z.optional(z.string()), undefined),
  syscall: z.catch(z.optional(z.string()), undefined),
  message: z.catch(z.optional(z.string()), undefined),
  cause: z.optional(z.unknown()),
})
type Failure = z.infer<typeof Failure>

/** The error and its causes, outermost first. */
function chainOf(thrown: unknown): Failure[] {
  const chain: Failure[] = []
  for (let link = thrown; chain.length < 8; ) {
    const failure = Failure.safeParse(link)
    if (!failure.success) break
    chain.push(failure.data)
    link = failure.data.cause
  }
  return chain
}

/** The error of a request that ended without an answer. An `ApiError` passes through as it is. */
export function describeNetworkFailure(thrown: unknown, target: string): ApiError {
  if (thrown instanceof ApiError) return thrown
  const chain = chainOf(thrown)
  const inner = chain.findLast(failure => failure.code !== undefined) ?? chain.at(-1)
  const detail = inner?.code ?? inner?.message ?? 'no reason given'
  const neverConnected = chain.some(
    ({ code, syscall }) =>
      code !== undefined && (NEVER_CONNECTED.has(code) || NEVER_TRUSTED.test(code) || syscall === 'connect' || syscall === 'getaddrinfo'),
  )
  return neverConnected
    ? new ApiError('unreachable', `${target} cannot be reached (${detail})`, { cause: thrown })
    : new ApiError('connection_lost', `The connection to ${target} broke before the answer was complete (${detail})`, { cause: thrown })
}
