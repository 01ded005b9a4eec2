import { describe, expect, it } from 'vitest'
import {
  buildInput,
  buildLocation,
  buildPrefix,
  buildProject,
  buildSite,
  buildSnapshot,
  buildStatus,
  buildWork,
  siteId,
} from '../test/build.ts'
import { hints, reads } from '../test/rows/case.ts'
import type { Location, LocationPrefix, Project, Site, SiteStatus, Work } from './index.ts'
import { mayMeasure } from './may-measure.ts'

interface Given {
  readonly site?: Partial<Site>
  readonly status?: Partial<SiteStatus>
  readonly other?: Partial<Site>
  readonly work?: Partial<Work>
  readonly location?: Partial<Location>
  readonly prefix?: Partial<LocationPrefix>
  readonly project?: Partial<Project>
}

/** Sites `here` and, where it is given, `there`; one location `store`; project `p`. */
function ask({ site, status, other, work, location, prefix, project }: Given): boolean {
  const here = { site: buildSite('here', site), status: buildStatus(status) }
  const snapshot = buildSnapshot([here, ...(other === undefined ? [] : [buildSite('there', other)])], {
    locations: [buildLocation('store', { prefixes: [buildPrefix('s3://store/', prefix)], ...location })],
    projects: [buildProject('p', project)],
  })
  return mayMeasure(snapshot, buildWork({ inputs: reads, ...work }))
}

const MAY: readonly (readonly [string, Given])[] = [
  ['a site admits it', {}],
  [
    'the only site is down, full, being drained and has failed',
    {
      site: { draining: true },
      status: { health: 'down', submitBreakerOpen: true, idle: 20, window: 20 },
    },
  ],
  ['the project has used its quota for now', { project: { quota: { queued: 3 } }, work: { underWay: 3 } }],
  ['nobody has counted what the project uses', { project: { quota: { queued: 3 } } }],
  ['one site of two admits it', { site: { policy: { projects: [] } }, other: {} }],
  [
    'a site other than the one that it is sent to again admits it',
    {
      site: { policy: { projects: [] } },
      other: {},
      work: { resendTo: siteId('here') },
    },
  ],
]

const MAY_NOT: readonly (readonly [string, Given])[] = [
  ['there is no site that admits the project', { site: { policy: { projects: [] } } }],
  ['the project may use other sites only', { project: { sites: [siteId('elsewhere')] } }],
  ['the project is over', { project: { untilMs: 1 } }],
  ['the project is frozen', { project: { frozen: true } }],
  ['only approved work may touch the data', { prefix: { access: 'compute' } }],
  ['the data asks for a group', { prefix: { groups: ['committee'] } }],
  ['the data may not be computed on in the country', { prefix: { residency: ['NL'] } }],
  ['the data is more sensitive than the site may hold', { prefix: { sensitivity: 'controlled' }, site: { maxSensitivity: 'public' } }],
  ['no site can read where the data lies', { location: { readableFrom: [siteId('elsewhere')] } }],
  ['the site has rules of its own that nobody has decided', { site: { policy: { siteRules: true } } }],
  [
    'each site lacks something else',
    {
      location: { readableFrom: [siteId('here')] },
      site: { policy: { projects: [] } },
      other: {},
    },
  ],
  [
    'one of the inputs may be touched and the other not',
    {
      location: { readableFrom: [siteId('elsewhere')] },
      work: { inputs: [buildInput('open', ['elsewhere']), ...reads] },
    },
  ],
  [
    'the user asks for a site that does not admit it',
    {
      site: { policy: { projects: [] } },
      other: {},
      work: { hints: hints({ site: siteId('here') }) },
    },
  ],
]

describe('whether the servers of the inputs may be asked', () => {
  it.each(MAY)('yes, where %s', (_, given) => expect(ask(given)).toBe(true))
  it.each(MAY_NOT)('no, where %s', (_, given) => expect(ask(given)).toBe(false))

  it('as the rules say that were decided elsewhere', () => {
    const snapshot = buildSnapshot([buildSite('here', { policy: { siteRules: true } })], { locations: [buildLocation('store')] })
    const work = buildWork({ inputs: reads })
    expect(mayMeasure(snapshot, work, { [siteId('here')]: [] })).toBe(true)
    const reason = { code: 'SITE_RULE', detail: 'not at night', fix: 'Wait.' } as const
    expect(mayMeasure(snapshot, work, { [siteId('here')]: [reason] })).toBe(false)
  })
})
