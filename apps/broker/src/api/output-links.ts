/**
 * Links to outputs, for our own routes and for the Data Repository Service alike: one way to make one, behind one check of who asks. A link is handed to
 * who asks for it and kept nowhere.
 */
import type { LocationId } from '@portolan/federation'
import type { Response } from 'express'
import type { Principal } from '../auth/principal.ts'
import type { ConfiguredLocation } from '../config.ts'
import type { Links } from '../data/links.ts'
import type { ObjectStores } from '../data/object-store.ts'
import type { Store } from '../stores/store.ts'
import type { OutputLink } from './data-schemas.ts'
import { type DeliverableOutput, findDeliverable, refuseUnavailable, requireUnchanged } from './find-output.ts'
import { createDeliveryRules, type DeliveryRules } from './output-delivery.ts'
import { showLink } from './output-views.ts'

export interface OutputLinks {
  readonly deliver: DeliveryRules
  /** Throws the refusal that fits. */
  find(principal: Principal, task: string, number: string): DeliverableOutput
  /** Throws the refusal that fits. */
  make(principal: Principal, task: string, number: string, signal: AbortSignal): Promise<OutputLink>
  serverOf(location: LocationId): ConfiguredLocation['server'] | undefined
  /** Ends when the client hangs up. */
  signalOf(response: Response): AbortSignal
}

export interface OutputLinkPorts {
  readonly locations: readonly ConfiguredLocation[]
  readonly stores: ObjectStores
  readonly links: Pick<Links, 'forPerson'>
  readonly store: Store
  readonly publicUrl: () => string
  readonly now: () => number
}

/** How long the address of a relay is told to hold, ms: it needs the credential of whoever uses it. */
const RELAY_LIFE_MS = 900_000

export function createOutputLinks({ locations, stores, links, store, publicUrl, now }: OutputLinkPorts): OutputLinks {
  const deliver = createDeliveryRules(locations, stores)
  const servers = new Map(locations.map(({ location, server }) => [location.id, server]))
  const find: OutputLinks['find'] = (principal, task, number) => findDeliverable(store, deliver, principal, task, number)

  return {
    deliver,
    find,
    serverOf: location => servers.get(location),
    async make(principal, task, number, signal) {
      const found = find(principal, task, number)
      await requireUnchanged(found, signal)
      const { work, output, bytes, store: place } = found
      if (found.delivery === 'direct') {
        const made = await links.forPerson(place.location, output.url)
        // Its bytes do not pass through this process, so there is no other way to them.
        if (made === undefined) throw refuseUnavailable(`No link can be made at the location ${place.location} now`)
        return showLink(output, bytes, { url: made.url, expires_at: new Date(made.expiresAt).toISOString(), relayed: false })
      }
      const url = `${publicUrl()}/portolan/v1/tasks/${work.id}/outputs/${output.number}/bytes`
      return showLink(output, bytes, { url, expires_at: new Date(now() + RELAY_LIFE_MS).toISOString(), relayed: true })
    },
    signalOf(response) {
      const gone = new AbortController()
      response.once('close', () => gone.abort(new Error('The client has gone')))
      return gone.signal
    },
  }
}
