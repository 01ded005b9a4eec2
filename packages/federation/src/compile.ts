/**
 * Prepares a snapshot for many placements: sites in id order, rules compiled to matchers, links to rates. Holds nothing that the snapshot does
 * not say; a caller that keeps it saves the time to make it again.
 */
import { isAwsS3 } from './aws-s3.ts'
import type { Snapshot } from './decision.ts'
import { hashText } from './hash.ts'
import type { LocationId, ProjectId, SiteId } from './ids.ts'
import { bitsPerMs, declaredRate, roundRate } from './learn-rate.ts'
import type { Location, LocationPrefix } from './location.ts'
import { compileImagePatterns, compileTargets, type ImageName } from './match.ts'
import { compileOwners } from './own-places.ts'
import { compilePrefixes, type PrefixTable } from './prefixes.ts'
import type { Project } from './project.ts'
import { type DeclaredRule, declaredBySite, isList } from './rules.ts'
import { SENSITIVITIES } from './sensitivity.ts'
import type { Site, SiteStatus } from './site.ts'
import { parseUrl } from './url.ts'

/** Bits per ms of a link to the site's own ground: the bytes need not move. */
export const LOCAL = Number.POSITIVE_INFINITY

export interface CompiledSite {
  readonly site: Site
  /** As `settleFigures()` gives it: `waitMs` is how long a task that is sent now waits. */
  readonly status: SiteStatus
  readonly idHash: number
  /** Rules that no check can decide yet, in the order of the checks. */
  readonly undecided: readonly DeclaredRule[]
  /** Bits per ms from locations that are declared (`LOCAL` from those that the site holds); others have `defaultRate`. */
  readonly rates: ReadonlyMap<LocationId, number>
  /** Bits per ms that transfers have shown; they count in the place of what was declared, but for `LOCAL`. */
  readonly learned: ReadonlyMap<LocationId, number>
  readonly defaultRate: number
  /** Index into SENSITIVITIES of the most that may come here. */
  readonly ceiling: number
  readonly projects: ReadonlySet<ProjectId> | undefined
  /** Index into the snapshot's lists of distinct rules; -1: no such rule. */
  readonly imageRule: number
  readonly targetRule: number
}

export interface DeclaredPrefix {
  readonly location: Location
  readonly prefix: LocationPrefix
}

export interface CompiledSnapshot {
  readonly snapshot: Snapshot
  /** In id order. */
  readonly sites: readonly CompiledSite[]
  readonly prefixes: PrefixTable<DeclaredPrefix>
  /** Of each location one prefix for each set of rules there. */
  readonly rulesOf: ReadonlyMap<LocationId, readonly DeclaredPrefix[]>
  /** True if data at AWS S3 is declared: an address there under no prefix may lead to it (`aws-s3.ts`). */
  readonly guardsAws: boolean
  /** Which sites can read a location; a location that is not here is readable everywhere. */
  readonly readableFrom: ReadonlyMap<LocationId, ReadonlySet<SiteId>>
  readonly projects: ReadonlyMap<ProjectId, Project>
  readonly locations: ReadonlyMap<LocationId, Location>
  /** Locations that some sites read, or read by links. */
  readonly chosenPlaces: ReadonlySet<LocationId>
  /** Places that are one project's alone, and whether there are any. */
  readonly owners: PrefixTable<ProjectId>
  readonly ownsPlaces: boolean
  /** Many sites share their rules and their countries; each is looked at once for a work item. */
  readonly imageRules: readonly ((image: ImageName) => boolean)[]
  readonly targetRules: readonly ((url: string) => boolean)[]
  readonly countries: readonly string[]
}

/** Distinct lists of patterns and what each compiles to. */
class RuleTable<T> {
  readonly compiled: T[] = []
  readonly #indices = new Map<string, number>()
  readonly #compile: (patterns: readonly string[]) => T

  constructor(compile: (patterns: readonly string[]) => T) {
    this.#compile = compile
  }

  /** The index of the list among `compiled`, or -1 if it is not declared. */
  indexOf(patterns: readonly string[] | undefined): number {
    if (!isList(patterns)) return -1
    const key = JSON.stringify(patterns)
    const known = this.#indices.get(key)
    if (known !== undefined) return known
    this.#indices.set(key, this.compiled.length)
    return this.compiled.push(this.#compile(patterns)) - 1
  }
}

/** Compiles a snapshot. The order of its lists does not matter. */
export function compileSnapshot(snapshot: Snapshot): CompiledSnapshot {
  const locations = snapshot.locations.toSorted(byId)
  const images = new RuleTable(compileImagePatterns)
  const targets = new RuleTable(compileTargets)
  const declared = locations.flatMap(location => location.prefixes.map((prefix): DeclaredPrefix => ({ location, prefix })))
  const sites = snapshot.sites
    .toSorted((a, b) => byId(a.site, b.site))
    .map(({ site, status }) => compileSite(site, status, images, targets))
  return {
    snapshot,
    sites,
    imageRules: images.compiled,
    targetRules: targets.compiled,
    countries: [...new Set(sites.map(({ site }) => site.place.country))],
    prefixes: compilePrefixes(
      declared.map(value => ({ url: value.prefix.url, value })),
      'web',
    ),
    rulesOf: new Map([...Map.groupBy(declared, ({ location }) => location.id)].map(([id, all]) => [id, distinctRules(all)])),
    guardsAws: locations.some(({ prefixes }) => prefixes.some(({ url }) => isAwsS3(parseUrl(url)?.host ?? ''))),
    readableFrom: new Map(
      locations.flatMap(({ id, readableFrom }) => (isList(readableFrom) ? [[id, new Set(readableFrom)] as const] : [])),
    ),
    projects: new Map(snapshot.projects.map(project => [project.id, project])),
    locations: new Map(locations.map(location => [location.id, location])),
    chosenPlaces: new Set(
      locations.filter(({ readableFrom, links }) => isList(readableFrom) || links === true).map(location => location.id),
    ),
    owners: compileOwners(snapshot.projects),
    ownsPlaces: snapshot.projects.some(({ owns }) => owns !== undefined && owns.length > 0),
  }
}

/** The first of those that say the same. */
function distinctRules(declared: readonly DeclaredPrefix[]): readonly DeclaredPrefix[] {
  return [...new Map(declared.toReversed().map(one => [JSON.stringify({ ...one.prefix, url: '' }), one])).values()].toReversed()
}

/**
 * The compiled form of a snapshot of the same policies, with its own statuses and name: what an operator declared is not compiled again.
 * Throws if it has a site that `compiled` does not have.
 */
export function renewSnapshot(compiled: CompiledSnapshot, snapshot: Snapshot): CompiledSnapshot {
  const statuses = new Map(snapshot.sites.map(({ site, status }) => [site.id, status]))
  if (statuses.size !== compiled.sites.length) throw new Error('The snapshots have different sites')
  return {
    ...compiled,
    snapshot,
    sites: compiled.sites.map(known => {
      const status = statuses.get(known.site.id)
      if (status === undefined) throw new Error(`The snapshot lacks the site ${known.site.id}`)
      return { ...known, ...compileStatus(status) }
    }),
  }
}

/** Orders by id, by code units: the same on every machine. */
export function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

function compileSite(
  site: Site,
  status: SiteStatus,
  images: RuleTable<(image: ImageName) => boolean>,
  targets: RuleTable<(url: string) => boolean>,
): CompiledSite {
  const { policy, network } = site
  const rates = new Map<LocationId, number>()
  for (const location of Object.keys(network.from) as LocationId[]) rates.set(location, declaredRate(site, location))
  for (const location of site.holds) rates.set(location, LOCAL)
  return {
    site,
    ...compileStatus(status),
    idHash: hashText(site.id),
    undecided: declaredBySite(policy),
    rates,
    defaultRate: bitsPerMs(network.defaultMbps),
    ceiling: site.open ? SENSITIVITIES.indexOf('public') : SENSITIVITIES.indexOf(site.maxSensitivity),
    projects: isList(policy.projects) ? new Set(policy.projects) : undefined,
    imageRule: images.indexOf(policy.images?.allow),
    targetRule: targets.indexOf(policy.outputs?.allow),
  }
}

const NOTHING_LEARNED: ReadonlyMap<LocationId, number> = new Map()

function compileStatus(status: SiteStatus): Pick<CompiledSite, 'status' | 'learned'> {
  const settled = settleFigures(status)
  const learned = settled.learned && new Map(Object.entries(settled.learned) as [LocationId, number][])
  return { status: settled, learned: learned ?? NOTHING_LEARNED }
}

/** Whole numbers only, and the whole wait in `waitMs`: two figures that place alike are alike. `running` has no say, and a
 * trouble only where it keeps work away. */
export function settleFigures(status: SiteStatus): SiteStatus {
  return {
    health: status.health,
    submitBreakerOpen: status.submitBreakerOpen,
    listTrouble: status.health === 'down' ? status.listTrouble : undefined,
    submitTrouble: status.submitBreakerOpen ? status.submitTrouble : undefined,
    idle: toCount(status.idle),
    window: toCount(status.window),
    running: 0,
    waitMs: toCount(status.waitMs + status.dispatchedSince * status.drainMs),
    dispatchedSince: 0,
    drainMs: 0,
    failuresMilli: toCount(status.failuresMilli),
    attemptsMilli: toCount(status.attemptsMilli),
    ...(status.learned && { learned: settleRates(status.learned) }),
  }
}

function settleRates(learned: Readonly<Record<LocationId, number>>): Readonly<Record<LocationId, number>> {
  const rates = Object.entries(learned).map(([location, rate]) => [location, roundRate(rate)] as const)
  return Object.fromEntries(rates.filter(([, rate]) => rate > 0))
}

function toCount(value: number): number {
  return Number.isFinite(value) ? Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(value))) : 0
}
