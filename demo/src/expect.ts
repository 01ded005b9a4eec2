/**
 * Where each task must run, by a small calculation of the demo's own: who may read it, who is large enough, and then the seconds to move its bytes.
 * It shares nothing with the broker's placement.
 */
import type { Deal } from './deal.ts'
import type { DemoTask } from './tasks.ts'
import { type FileName, isBound, isPublic, SITE_FACTS, SITES, type SiteName } from './world.ts'

export type Sizes = Readonly<Record<FileName, number>>

export interface Candidate {
  readonly site: SiteName
  readonly bytes: number
  readonly seconds: number
}

/** The sites that may run the task, cheapest first. `gone`: sites that have failed it, or are down. */
export function candidates(task: DemoTask, deal: Deal, sizes: Sizes, gone: readonly SiteName[] = []): readonly Candidate[] {
  if (task.fate === 'refused') return []
  return SITES.filter(site => !gone.includes(site) && mayRun(site, task, deal))
    .map(site => transfer(site, task, deal, sizes))
    .sort((a, b) => a.seconds - b.seconds)
}

/** The same, if the task had no wishes about its site. */
export function candidatesWithoutWishes(task: DemoTask, deal: Deal, sizes: Sizes, gone: readonly SiteName[] = []): readonly Candidate[] {
  return candidates({ ...task, pinned: false, wished: undefined }, deal, sizes, gone)
}

/** The cheapest site if there were no rules about countries. */
export function cheapestWithoutResidency(task: DemoTask, deal: Deal, sizes: Sizes): Candidate | undefined {
  return SITES.filter(site => isLargeEnough(site, task))
    .map(site => transfer(site, task, deal, sizes))
    .sort((a, b) => a.seconds - b.seconds)[0]
}

function mayRun(site: SiteName, task: DemoTask, deal: Deal): boolean {
  const { country, open } = SITE_FACTS[site]
  return (
    isLargeEnough(site, task) &&
    (task.wished === undefined || task.wished === site) &&
    task.files.every(
      file =>
        (isPublic(file) || !open) &&
        (!isBound(file) || country === SITE_FACTS[deal[file]].country) &&
        (!task.pinned || deal[file] === site),
    )
  )
}

function isLargeEnough(site: SiteName, task: DemoTask): boolean {
  return task.ramGb <= SITE_FACTS[site].ramGb
}

function transfer(site: SiteName, task: DemoTask, deal: Deal, sizes: Sizes): Candidate {
  const moved = task.files.filter(file => deal[file] !== site)
  const seconds = moved.reduce((sum, file) => sum + (sizes[file] * 8) / 1e6 / (SITE_FACTS[site].from[deal[file]] ?? 1), 0)
  return { site, bytes: moved.reduce((sum, file) => sum + sizes[file], 0), seconds }
}
