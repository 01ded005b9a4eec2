/**
 * What is said of a credential that is missing or let in nobody: 401 with the ways of logging in.
 */
import { Refusal } from './refusal.ts'

export function missCredential(says: string): Refusal {
  return new Refusal('credential-missing', says, { headers: challenge('') })
}

export function refuseCredential(says: string): Refusal {
  return new Refusal('credential-refused', says, { fix: '', headers: challenge(', error="invalid_token"') })
}

/** A line for each scheme: some clients look at the beginning of a line alone (RFC 9110 section 11.6.1, RFC 6750 section 3). */
function challenge(error: string): { readonly 'WWW-Authenticate': readonly string[] } {
  return { 'WWW-Authenticate': [`Bearer realm="portolan"${error}`, 'Basic realm="portolan", charset="UTF-8"'] }
}
