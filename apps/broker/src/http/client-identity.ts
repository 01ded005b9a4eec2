/**
 * Who the broker is at one origin by mutual TLS.
 */
import { createSecureContext, type SecureContext } from 'node:tls'
import type { ClientCertificate } from '../config.ts'

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
