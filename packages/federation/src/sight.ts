/**
 * What of the federation somebody sees: the sites that one of their projects may use, and the locations that one of these sites reads; and a
 * decision cut down to that. Pure. What is kept of a decision is never cut.
 */
import type { Decision, SiteVerdict, Snapshot } from './decision.ts'
import type { LocationId, SiteId } from './ids.ts'
import type { Location } from './location.ts'
import { orderCounts } from './order-counts.ts'
import type { Project } from './project.ts'
import type { ReasonCode } from './reasons.ts'
import { isList } from './rules.ts'
import type { Site } from './site.ts'
import { sayWhy } from './why.ts'

export interface Sight {
  readonly sites: ReadonlySet<SiteId>
  readonly locations: ReadonlySet<LocationId>
}

/** How a location out of sight is called. */
export const OUT_OF_SIGHT = 'a location that is not for your projects'

/** `projects`: those of the person, or the one of a task. Who has none sees nothing. */
export function sightOf(
  { sites, locations }: Pick<Snapshot, 'sites' | 'locations'>,
  projects: readonly Pick<Project, 'id' | 'sites'>[],
): Sight {
  const seen = new Set(sites.flatMap(({ site }) => (projects.some(project => mayUse(project, site)) ? [site.id] : [])))
  const isRead = ({ readableFrom }: Location): boolean =>
    seen.size > 0 && (!isList(readableFrom) || readableFrom.some(site => seen.has(site)))
  return { sites: seen, locations: new Set(locations.filter(isRead).map(({ id }) => id)) }
}

/** True where the policy of the site names no projects: what it knows is no secret of some. */
export function isForEveryProject({ policy }: Pick<Site, 'policy'>): boolean {
  return !isList(policy.projects)
}

/** Both must say so: the file of the project, and the policy of the site. */
function mayUse({ id, sites }: Pick<Project, 'id' | 'sites'>, { id: site, policy }: Site): boolean {
  return (!isList(sites) || sites.includes(site)) && (!isList(policy.projects) || policy.projects.includes(id))
}

/**
 * The decision without the sites that are out of sight: they are counted in `further`, and nothing else of them is left. The chosen site stays, since
 * the task itself tells of it. `trouble`: what is wrong with the project of the task, whatever the site.
 */
export function cutDecision(decision: Decision, sight: Sight, trouble?: string): Decision {
  const { outcome, chosen } = decision
  const sites = decision.sites.filter(({ id }) => sight.sites.has(id) || id === chosen)
  const hidden = decision.sites.length - sites.length
  if (hidden === 0) return decision
  const further = { sites: hidden, detail: sayFurther(hidden, trouble) }
  return { ...decision, sites, further, why: sayWhy(outcome, sites, further.detail), counts: countVerdicts(sites) }
}

function sayFurther(count: number, trouble: string | undefined): string {
  const said = count === 1 ? '1 further site is not for your projects' : `${count} further sites are not for your projects`
  return trouble === undefined ? said : `${said}; ${trouble}`
}

function countVerdicts(sites: readonly SiteVerdict[]): Decision['counts'] {
  const counts = new Map<ReasonCode, number>()
  for (const { reasons } of sites) {
    for (const code of new Set(reasons.map(reason => reason.code))) counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  return orderCounts(counts, sites.filter(({ verdict }) => verdict === 'pass').length)
}
