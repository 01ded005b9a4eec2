/**
 * How a person gets the bytes of an output, or why not: the rules of the place where it lies. Who asks is judged elsewhere.
 */
import { compilePrefixes, type LocationId, type LocationPrefix, parseUrl } from '@portolan/federation'
import type { ConfiguredLocation } from '../config.ts'
import type { ObjectStore, ObjectStores } from '../data/object-store.ts'

export interface Place {
  readonly url: string
  /** Where it lay when it was measured. */
  readonly location?: LocationId | undefined
}

export type OutputDelivery =
  /** `direct`: by a link of the store. `relay`: through this process. */
  | { readonly delivery: 'direct' | 'relay'; readonly store: ObjectStore }
  /** `why`: a sentence. */
  | { readonly delivery: 'none'; readonly why: string }

export type DeliveryRules = (place: Place) => OutputDelivery

export function createDeliveryRules(locations: readonly ConfiguredLocation[], stores: Pick<ObjectStores, 'byLocation'>): DeliveryRules {
  const table = compilePrefixes(
    locations.flatMap(declared => declared.location.prefixes.map(prefix => ({ url: prefix.url, value: { declared, prefix } }))),
    'web',
  )

  function find(url: string): { readonly declared: ConfiguredLocation; readonly prefix: LocationPrefix } | undefined {
    const parsed = parseUrl(url)
    return parsed && table.find(parsed)
  }

  return ({ url, location }) => {
    const found = find(url)
    if (location === undefined)
      return refuse(found ? UNMEASURED : 'It lies at no declared location: fetch it from its address by rights of your own.')
    const store = stores.byLocation.get(location)
    if (found?.declared.location.id !== location || store === undefined) {
      return refuse(`The location ${location}, where it was measured, is not declared any more.`)
    }
    if (found.prefix.access === 'compute') return refuse('What lies there may be computed with and is handed to nobody (access: compute).')
    const { delivery } = found.declared.server
    if (delivery === 'none')
      return refuse(`This broker hands out nothing from the location ${location}: fetch it there by rights of your own.`)
    return { delivery: delivery === 'direct' && store.linkTo !== undefined ? 'direct' : 'relay', store }
  }
}

const UNMEASURED =
  'Nobody has measured it at its store when the task ended, so this broker hands it out to nobody: fetch it from its address by rights of your own.'

function refuse(why: string): OutputDelivery {
  return { delivery: 'none', why }
}
