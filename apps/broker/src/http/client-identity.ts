/**
 * Who the broker is at one origin by mutual TLS.
 */
import { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import { ApiError } from '@portolan/ga4gh'
import type { ClientCertificate } from '../config.ts'
import { ConnectError } from './connect-error.ts'

export interface ClientIdentity {
  /** Scheme, host and port. The certificate is shown there and nowhere else. */
  readonly origin: string
  readonly certificate: ClientCertificate
}

/** The certificate and its key, opened once; and with `ca` the only authorities whose server certificates count there. */
export function openIdentity({ certificate: { certificate, key, passphrase, ca } }: ClientIdentity): SecureContext {
  return createSecureContext({
    cert: certificate,
    key: key.reveal(),
    ...(passphrase && { passphrase: passphrase.reveal() }),
    ...(ca !== undefined && { ca }),
  })
}

/** The failure of a request by this certificate; where TLS may have failed by it and it has expired, that is said. `at`: ms since 1970. */
export function tellExpiry({ origin, certificate: { certificate } }: ClientIdentity, error: unknown, at: number): unknown {
  if (!(error instanceof ApiError) || !mayBeRefusal(error)) return error
  const until = new X509Certificate(certificate).validToDate
  if (until.getTime() > at) return error
  const message = `the broker's client certificate for ${origin} expired on ${until.toISOString().slice(0, 10)}`
  const cause = new ConnectError('expired', message, error)
  return new ApiError(error.code, `${error.message}; ${message}`, { delivery: error.delivery, cause })
}

/** A server may hang up on a certificate that it does not take, and say nothing. */
function mayBeRefusal({ code, cause }: ApiError): boolean {
  return code === 'connection_lost' || (cause instanceof ConnectError && (cause.phase === 'tls' || cause.phase === 'certificate'))
}
