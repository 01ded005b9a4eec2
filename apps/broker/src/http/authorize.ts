/**
 * Turns a configured credential into the headers of a request, for one origin only.
 */
import { type AuthProvider, basic, bearer } from '@portolan/ga4gh'
import type { Credential } from '../config.ts'

/** A provider that gives its headers to requests to `origin` and nothing to any other. */
export function authorize(origin: string, credential: Credential): AuthProvider {
  const provider =
    credential.kind === 'basic' ? basic(credential.username, () => credential.password.reveal()) : bearer(() => credential.token.reveal())
  return request => (request.url.origin === origin ? provider(request) : {})
}
