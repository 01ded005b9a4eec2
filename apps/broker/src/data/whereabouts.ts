/**
 * Whose rules hold at an address that a server names, whatever query it has. Asks nobody.
 */
import { compileOwners, compilePrefixes, isAwsS3, type LocationId, type Project, parseUrl } from '@portolan/federation'
import type { ConfiguredLocation } from '../config.ts'

/** A declared place. */
export interface Whereabouts {
  readonly location: LocationId
  /** The address without its query. */
  readonly at: string
  /** Equal for two addresses where the same prefix, and the same project, has all the say. */
  readonly rules: string
  /** It belongs to a project. */
  readonly owned: boolean
}

/** `elsewhere`: under no declared prefix. `unreadable`: it can be read in more than one way, or may be another name of declared data. */
export type FindWhereabouts = (address: string) => Whereabouts | 'elsewhere' | 'unreadable'

export function createWhereabouts(
  locations: readonly ConfiguredLocation[],
  projects: readonly Pick<Project, 'id' | 'owns'>[],
): FindWhereabouts {
  const declared = locations.flatMap(({ location }) => location.prefixes.map(({ url }) => ({ url, value: { location: location.id, url } })))
  const prefixes = compilePrefixes(declared, 'web')
  const owners = compileOwners(projects)
  const guardsAws = declared.some(({ url }) => isAwsS3(parseUrl(url)?.host ?? ''))
  return address => {
    const [at = ''] = address.split('?', 1)
    const parsed = parseUrl(at)
    if (parsed === undefined) return 'unreadable'
    const found = prefixes.find(parsed)
    const inside = prefixes.findInside(parsed).length + owners.findInside(parsed).length
    if (found === undefined) return inside > 0 || (guardsAws && isAwsS3(parsed.host)) ? 'unreadable' : 'elsewhere'
    const owner = owners.find(parsed)
    const rules = inside > 0 ? at : `${found.url} ${owner ?? ''}`
    return { location: found.location, at, rules, owned: owner !== undefined || inside > 0 }
  }
}
