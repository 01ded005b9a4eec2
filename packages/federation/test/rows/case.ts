/** The shape of a row about one check, and how it is decided. */
import type { ExtraVerdicts, Hints, Location, LocationPrefix, Project, ReasonCode, Site, SiteStatus, Work } from '../../src/index.ts'
import { place } from '../../src/index.ts'
import { buildInput, buildLocation, buildPrefix, buildProject, buildSite, buildSnapshot, buildStatus, buildWork } from '../build.ts'

export interface Case {
  readonly site?: Partial<Site>
  readonly status?: Partial<SiteStatus>
  readonly work?: Partial<Work>
  readonly prefix?: Partial<LocationPrefix>
  readonly location?: Partial<Location>
  readonly project?: Partial<Project>
  /** Of a project `q`. */
  readonly other?: Partial<Project>
  readonly extra?: ExtraVerdicts
}

/** The code, what stands in the way, the case, and the detail of its reason. */
export type Row = readonly [code: ReasonCode, sentence: string, given: Case, detail: string]

export const hints = (more: Partial<Hints>): Hints => ({ locality: 'prefer', rerunnable: false, maxRunMs: 60_000, ...more })
export const reads = [buildInput('reads', ['store'])]
export const toStore = [{ url: 's3://store/out/', path: '/out' }]
export const toElsewhere = [{ url: 's3://elsewhere/out/', path: '/out' }]
export const SAMTOOLS = buildWork().images[0] ?? ''

/** Decides about one site `here`, one location `store` at `s3://store/` and one project `p`. */
export function decide({ site, status, work, prefix, location, project, other, extra }: Case) {
  const snapshot = buildSnapshot([{ site: buildSite('here', site), status: buildStatus(status) }], {
    locations: [
      buildLocation('store', { prefixes: [buildPrefix('s3://store/', { outputs: true, ...prefix })], ...location }),
      buildLocation('other'),
    ],
    projects: [buildProject('p', project), ...(other === undefined ? [] : [buildProject('q', other)])],
  })
  return place(snapshot, buildWork(work), extra)
}
