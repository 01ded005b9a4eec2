import type { Location, LocationId, ProjectId, SiteId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { openLedgers, siteOf } from '../../test/reconcile-parts.ts'
import type { ProjectEntry } from '../auth/project-of.ts'
import { createSnapshotSource } from '../reconcile/snapshot-source.ts'
import { NOW } from '../stores/contract/builders.ts'
import { narrowSight } from './federation-sight.ts'

const site = (id: string) => id as SiteId
const project = (id: string, sites?: readonly SiteId[]): ProjectEntry => ({ id: id as ProjectId, name: id, visibility: 'owner', sites })
const location = (id: string, readableFrom?: readonly SiteId[]): Location => ({
  id: id as LocationId,
  country: 'DE',
  kind: 's3',
  prefixes: [],
  readableFrom,
})

const { ledgers } = openLedgers([siteOf('a', { policy: { projects: ['rare' as ProjectId] } }), siteOf('b')], () => NOW)
const locations = [location('hospital', [site('a')]), location('open'), location('archive', [site('b')])]
const all = createSnapshotSource({ locations, projects: [] }, ledgers, () => NOW).take(NOW)

function seen(...projects: readonly ProjectEntry[]) {
  const { sites, locations: read, missing } = narrowSight(all, projects)
  return { sites: sites.map(one => one.site.id), locations: read.map(({ id }) => id), missing }
}

describe('what somebody sees of the federation', () => {
  it('is nothing for who is in no project, with what to do', () => {
    expect(seen()).toEqual({ sites: [], locations: [], missing: expect.stringContaining('portolan me') })
    expect(narrowSight(all, [], 'Your login was asked too long ago.').missing).toBe('Your login was asked too long ago.')
  })

  it('is the sites that the project and the site both admit, and what they read', () => {
    expect(seen(project('cancer'))).toEqual({ sites: ['b'], locations: ['open', 'archive'] })
    expect(seen(project('rare'))).toEqual({ sites: ['a', 'b'], locations: ['hospital', 'open', 'archive'] })
    expect(seen(project('rare', [site('a')]))).toEqual({ sites: ['a'], locations: ['hospital', 'open'] })
  })

  it('is what any of their projects opens', () => {
    expect(seen(project('cancer', [site('b')]), project('rare', [site('a')])).sites).toEqual(['a', 'b'])
  })

  it('is nothing where none of their projects may use a site', () => {
    expect(seen(project('cancer', [site('a')]))).toEqual({ sites: [], locations: [], missing: expect.stringContaining('contact') })
  })
})
