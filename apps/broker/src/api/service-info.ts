/**
 * GetServiceInfo: what this server is. Pure.
 */
import { HINT_KEYS, isForEveryProject, type Location, type Project, type Site, type Snapshot, sightOf } from '@portolan/federation'
import type { TesServiceInfo } from '@portolan/tes'

export interface ServiceFacts {
  readonly version: string
  readonly publicUrl: string
  readonly snapshot: Snapshot
  /** Open mode. Else anybody may ask who cannot be told what there is only for members: the list of storage is empty, and of what sites know it names
   *  what a site knows that is for every project. */
  readonly open: boolean
}

export function describeService({ version, publicUrl, snapshot, open }: ServiceFacts): TesServiceInfo {
  const { hostname, origin } = new URL(publicUrl)
  return {
    id: `${hostname.split('.').reverse().join('.')}.portolan`,
    name: 'Portolan',
    description: 'A federation broker: tasks run at the site where their data lies.',
    type: { group: 'org.ga4gh', artifact: 'tes', version: '1.1.0' },
    organization: { name: 'Portolan', url: origin },
    version,
    storage: open ? listStorage(snapshot.locations) : [],
    tesResources_backend_parameters: [...HINT_KEYS, ...parametersOf(sitesOf(snapshot).filter(site => open || isForEveryProject(site)))],
  }
}

/** The form of TES 0.x, at `/tasks/service-info`: exactly these three keys, since its clients refuse others. */
export function describeServiceBriefly(facts: ServiceFacts): {
  readonly name: string
  readonly doc: string
  readonly storage: readonly string[]
} {
  const { name, description = '', storage = [] } = describeService(facts)
  return { name, doc: description, storage }
}

/** Backend parameters that at least one site knows which the project may use, lower case: of other sites nobody learns what they know. */
export function supportedParameters(snapshot: Snapshot, project: Pick<Project, 'id' | 'sites'>): ReadonlySet<string> {
  const { sites } = sightOf(snapshot, [project])
  return parametersOf(sitesOf(snapshot).filter(({ id }) => sites.has(id)))
}

function sitesOf({ sites }: Snapshot): Site[] {
  return sites.map(({ site }) => site)
}

function parametersOf(sites: readonly Site[]): ReadonlySet<string> {
  return new Set(sites.flatMap(({ capabilities }) => capabilities.backendParameters))
}

function listStorage(locations: readonly Location[]): string[] {
  return locations.flatMap(location => location.prefixes.filter(prefix => prefix.outputs).map(prefix => prefix.url))
}
