/**
 * nginx answers a client without a certificate, or with a wrong one, by status 400, which would say that the document was bad. Its page tells.
 */
import { ApiError } from '@portolan/ga4gh'
import { ConnectError } from './connect-error.ts'

const PAGE = /<title>400 (No required SSL certificate was sent|The SSL certificate error)<\/title>/
/** The page is short; a long answer is none. */
const MOST_BYTES = 4096

/** Throws if the answer says that the connection lacked the right client certificate. No request gets past that. */
export function refuseWithoutCertificate(status: number, body: Buffer, target: string): void {
  if (status !== 400 || body.byteLength > MOST_BYTES || !PAGE.test(body.toString())) return
  const cause = new ConnectError('certificate', "it refuses the broker's client certificate, or wants one")
  throw new ApiError('unreachable', `${target} cannot be reached: ${cause.message}`, { delivery: 'not_sent', cause })
}
