/**
 * Somebody who speaks to the broker: through the standard's endpoint, and through Portolan's own routes beside it.
 */
import { type AuthProvider, basic, bearer } from '@portolan/ga4gh'
import { createTesClient, type TesClient } from '@portolan/tes/client'

const FETCH_MS = 10_000

/** What the caller shows at the door. A password is a personal token: that is all that most engines can send. */
export type Credential =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }

export interface Caller {
  readonly client: TesClient
  /** What a route below `/portolan/v1/` answers. Rejects with `AskRefused` if that is no success. */
  readonly ask: (path: string, request?: RequestInit) => Promise<unknown>
}

/** The broker said no, and this is what it said. */
export class AskRefused extends Error {
  override readonly name = 'AskRefused'
  readonly status: number
  constructor(path: string, status: number, text: string) {
    super(`/portolan/v1/${path} answered ${status}: ${text}`)
    this.status = status
  }
}

export function createCaller(brokerUrl: string, credential: Credential, signal: AbortSignal): Caller {
  const auth = toAuth(credential)
  return {
    client: createTesClient({ url: endpointOf(brokerUrl), auth }),
    async ask(path, request = {}) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)])
      const url = new URL(`${brokerUrl}/portolan/v1/${path}`)
      const headers = { 'content-type': 'application/json', ...(await auth({ url, signal: limit })) }
      const answer = await fetch(url, { ...request, headers, signal: limit })
      if (!answer.ok) throw new AskRefused(path, answer.status, await answer.text())
      return await answer.json()
    },
  }
}

function toAuth(credential: Credential): AuthProvider {
  return credential.kind === 'bearer' ? bearer(credential.token) : basic(credential.user, credential.password)
}

/** The one TES endpoint for all sites. */
export function endpointOf(brokerUrl: string): string {
  return `${brokerUrl}/ga4gh/tes/v1`
}
