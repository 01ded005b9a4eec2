/**
 * Somebody who speaks to the broker: through the standard's endpoint, and through Portolan's own routes beside it.
 */
import { createTesClient, type TesClient } from '@portolan/tes/client'

const FETCH_MS = 10_000

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

export function createCaller(brokerUrl: string, signal: AbortSignal): Caller {
  return {
    client: createTesClient({ url: endpointOf(brokerUrl) }),
    async ask(path, request = {}) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)])
      const answer = await fetch(`${brokerUrl}/portolan/v1/${path}`, { ...request, signal: limit })
      if (!answer.ok) throw new AskRefused(path, answer.status, await answer.text())
      return await answer.json()
    },
  }
}

/** The one TES endpoint for all sites. */
export function endpointOf(brokerUrl: string): string {
  return `${brokerUrl}/ga4gh/tes/v1`
}
