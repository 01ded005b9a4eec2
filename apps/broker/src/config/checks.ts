/**
 * What the schema cannot see: whether the parts fit each other, and whether this version of the broker can do what is asked.
 * A pure function per kind of document; each answers all its mistakes and warnings.
 */
import { capabilitiesOf, type ParsedUrl, parseUrl } from '@portolan/federation'
import type { BrokerFile } from './broker-file.ts'
import { didYouMean } from './did-you-mean.ts'
import type { LocationFile } from './location-file.ts'
import { isLoopback } from './loopback.ts'
import type { ConfigProblem, ConfigWarning, Path } from './problem.ts'
import type { ProjectFile } from './project-file.ts'
import type { SiteFile } from './site-file.ts'
import type { Source } from './source.ts'
import { LOCAL_PROJECT } from './types.ts'
import { uncheckedLocationKeys, uncheckedProjectKeys, uncheckedSiteKeys } from './unchecked-keys.ts'

/** The ids that exist, those of documents with mistakes too: one slip makes one message. */
export interface KnownIds {
  readonly sites: readonly string[]
  readonly locations: readonly string[]
  readonly projects: readonly string[]
}

export interface Findings {
  readonly problems: ConfigProblem[]
  readonly warnings: ConfigWarning[]
}

export interface Loaded<T> {
  readonly source: Source
  readonly file: T
}

function unknownIds(source: Source, what: string, known: readonly string[], places: readonly (readonly [string, Path])[]): ConfigProblem[] {
  return places
    .filter(([id]) => !known.includes(id))
    .map(([id, path]) => {
      const meant = didYouMean(id, known)
      const all = known.length === 0 ? `declare the ${what} first` : `the ${what}s are ${known.join(', ')}`
      return source.problem(path, `names the ${what} "${id}", which does not exist`, meant === undefined ? all : `did you mean ${meant}?`)
    })
}

const listed = (ids: readonly string[] | undefined, ...path: (string | number)[]): (readonly [string, Path])[] =>
  (ids ?? []).map((id, index) => [id, [...path, index]])

export function checkBroker({ source, file }: Loaded<BrokerFile>): Findings {
  const problems: ConfigProblem[] = []
  const warnings: ConfigWarning[] = []
  const notYet = (path: Path, what: string, fix: string): number => problems.push(source.problem(path, `${what} is not yet supported`, fix))
  if (file.store.kind === 'postgres') notYet(['store', 'kind'], 'postgres', 'use kind: sqlite')
  if (file.bus.kind === 'redis') notYet(['bus', 'kind'], 'redis', 'use kind: memory')
  if (file.auth.mode === 'required') {
    problems.push(
      source.problem(
        ['auth', 'mode'],
        'is required (the default), but there is no login yet that could be asked, and the broker never falls back to letting everybody in',
        'for work on one machine write auth: {mode: open} with a loopback server.host',
      ),
    )
  } else {
    if (!isLoopback(file.server.host)) {
      const message = `is open while server.host is ${file.server.host}: everybody on the network could run commands`
      problems.push(source.problem(['auth', 'mode'], message, 'set server.host to 127.0.0.1'))
    }
    if (file.auth.issuers.length > 0) warnings.push(source.warning(['auth', 'issuers'], 'is not used while auth.mode is open'))
  }
  return { problems, warnings }
}

export function checkSite({ source, file }: Loaded<SiteFile>, known: KnownIds, hasRules: boolean): Findings {
  const problems = [
    ...unknownIds(source, 'location', known.locations, listed(file.holds, 'holds')),
    ...unknownIds(
      source,
      'location',
      known.locations,
      Object.keys(file.network.from).map(id => [id, ['network', 'from', id]]),
    ),
    ...unknownIds(source, 'project', [...new Set([...known.projects, LOCAL_PROJECT])], listed(file.policy.projects, 'policy', 'projects')),
  ]
  if (file.api === 'wes') problems.push(source.problem(['api'], 'wes is not yet supported', 'remove the site, or use its TES server'))
  if (capabilitiesOf(file.dialect) === undefined) {
    problems.push(source.problem(['dialect'], `${file.dialect} is not yet supported`, 'use auto or tes-1.1'))
  }
  if (file.credential === undefined && file.maxSensitivity !== 'public') {
    const message = `is ${file.maxSensitivity} while there is no credential: a site without one is open and never gets more than public data`
    problems.push(source.problem(['maxSensitivity'], message, 'add a credential, or set maxSensitivity: public'))
  }
  const warnings = uncheckedSiteKeys(file.policy).map(({ path, message }) => source.warning(path, message))
  if (hasRules) warnings.push(source.warning([], 'has a .cedar file beside it: declared, not yet supported: every task is refused there'))
  const url = new URL(file.url)
  if (file.credential !== undefined && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    warnings.push(source.warning(['url'], 'is http: the credential and all tasks travel in clear'))
  }
  return { problems, warnings }
}

export function checkLocation({ source, file }: Loaded<LocationFile>, known: KnownIds): Findings {
  const problems = unknownIds(source, 'site', known.sites, listed(file.readableFrom, 'readableFrom'))
  const warnings = uncheckedLocationKeys(file).map(({ path, message }) => source.warning(path, message))
  if (file.kind === 'posix')
    problems.push(source.problem(['kind'], 'posix is not yet supported', 'serve the folder by HTTP and use kind: http'))
  if (file.kind === 's3' || file.kind === 'drs') {
    warnings.push(
      source.warning(['kind'], `is ${file.kind}: its prefixes count for placement, but nobody is asked there yet, so sizes are assumed`),
    )
  }
  if (file.kind === 'http') problems.push(...checkHttpLocation(source, file))
  if (file.credential?.kind === 's3' && file.kind !== 's3') {
    problems.push(source.problem(['credential', 'kind'], `cannot be s3 while the location is ${file.kind}`, 'use basic or bearer'))
  }
  return { problems, warnings }
}

/** The origin that an http location is asked at. */
export function originOf(file: LocationFile): string | undefined {
  const address = file.endpoint ?? file.prefixes[0]?.url
  return file.kind === 'http' && address !== undefined ? URL.parse(address)?.origin : undefined
}

function checkHttpLocation(source: Source, file: LocationFile): ConfigProblem[] {
  const origin = originOf(file)
  return file.prefixes.flatMap(({ url }, index) => {
    const parsed = URL.parse(url)
    if (parsed === null) return []
    const path = ['prefixes', index, 'url']
    if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
      return [source.problem(path, 'is no http or https URL while the location is http', 'write the URL that the data is served at')]
    }
    if (parsed.origin === origin) return []
    return [
      source.problem(path, `lies at ${parsed.origin} while the location is at ${origin}`, 'declare a location of its own for that server'),
    ]
  })
}

export function checkProject({ source, file }: Loaded<ProjectFile>, known: KnownIds): Findings {
  return {
    problems: unknownIds(source, 'site', known.sites, listed(file.sites, 'sites')),
    warnings: uncheckedProjectKeys(file).map(({ path, message }) => source.warning(path, message)),
  }
}

/** Ids that stand twice; the second one is the mistake. */
export function checkUnique(what: string, sources: readonly Source[], idOf: (source: Source) => string | undefined): ConfigProblem[] {
  const first = new Map<string, Source>()
  return sources.flatMap(source => {
    const id = idOf(source)
    const earlier = id === undefined ? undefined : first.get(id)
    if (id === undefined) return []
    if (!earlier) {
      first.set(id, source)
      return []
    }
    return [source.problem(['id'], `"${id}" is already the id of another ${what} (${earlier.file})`, 'choose another id')]
  })
}

/** http and https of one host are one place; a slash at the end makes no difference. */
function placeOf({ scheme, host, port, path }: ParsedUrl): string {
  return `${scheme === 'http' ? 'https' : scheme}://${host}:${port ?? ''}${path.replace(/\/+$/, '')}`
}

/** The same prefix in two places: nobody could say which rules hold. */
export function checkPrefixes(locations: readonly Loaded<LocationFile>[]): ConfigProblem[] {
  const first = new Map<string, string>()
  return locations.flatMap(({ source, file }) =>
    file.prefixes.flatMap(({ url }, index) => {
      const parsed = parseUrl(url)
      if (parsed === undefined) return []
      const key = placeOf(parsed)
      const earlier = first.get(key)
      if (earlier === undefined) {
        first.set(key, file.id)
        return []
      }
      return [
        source.problem(
          ['prefixes', index, 'url'],
          `is already declared by the location "${earlier}"`,
          'declare it once, with all its rules',
        ),
      ]
    }),
  )
}
