/**
 * Finds the declared location of a URL by its longest declared prefix. Asks nobody.
 */
import { compilePrefixes, parseUrl, type Replica } from '@portolan/federation'
import type { ConfiguredLocation } from '../config.ts'

export interface Place {
  readonly location: ConfiguredLocation
  readonly replicas: readonly Replica[]
}

/** The function answers undefined for a URL under no declared prefix, and for one that can be read in more than one way. */
export function createPrefixLocator(locations: readonly ConfiguredLocation[]): (url: string) => Place | undefined {
  const table = compilePrefixes(
    locations.flatMap(value => value.location.prefixes.map(({ url }) => ({ url, value }))),
    'web',
  )
  return url => {
    const parsed = parseUrl(url)
    const location = parsed && table.find(parsed)
    return location && { location, replicas: [{ location: location.location.id, url }] }
  }
}
