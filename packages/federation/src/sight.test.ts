import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anySnapshot, anyWork } from '../test/arbitrary.ts'
import {
  buildInput,
  buildLocation,
  buildPrefix,
  buildSite,
  buildSnapshot,
  buildWork,
  locationId,
  projectId,
  siteId,
} from '../test/build.ts'
import { explainDecision } from './explain.ts'
import { place } from './place.ts'
import { placeInSight } from './place-in-sight.ts'
import type { Project } from './project.ts'
import { packDecision, policyText, replayDecision } from './record.ts'
import { sightOf } from './sight.ts'

const OURS = projectId('ours')
const closed = buildLocation('vault', {
  readableFrom: [siteId('vaulted')],
  prefixes: [buildPrefix('s3://vault/', { sensitivity: 'controlled', access: 'compute', residency: ['NL'], groups: ['g'] })],
})
const snapshot = (projects: readonly Project[]) =>
  buildSnapshot([buildSite('open'), buildSite('other'), buildSite('vaulted', { policy: { projects: [projectId('theirs')] } })], {
    locations: [buildLocation('store'), closed],
    projects,
  })
const declared = snapshot([{ id: OURS, sites: [siteId('open'), siteId('vaulted')] }, { id: projectId('theirs') }])
const sight = sightOf(declared, [{ id: OURS, sites: [siteId('open'), siteId('vaulted')] }])

describe('what of a decision is shown', () => {
  it('is the sites that a project and its sites admit both, and the number of the others', () => {
    expect(sight).toEqual({ sites: new Set(['open']), locations: new Set(['store']) })
    const work = buildWork({ project: OURS })
    const whole = place(declared, work)
    const shown = placeInSight(declared, work, sight)
    expect(shown).toEqual({
      ...whole,
      why: 'Open: 1 min 3 s; 2 further sites are not for your projects',
      sites: whole.sites.filter(({ id }) => id === 'open'),
      further: { sites: 2, detail: '2 further sites are not for your projects' },
      counts: { pass: 1 },
    })
    expect(explainDecision(shown)).toContain('2 further sites are not for your projects')
  })

  it('is all of it for who sees all, to the byte', () => {
    const work = buildWork({ project: OURS })
    const all = sightOf(declared, declared.projects)
    expect(all).toEqual({ sites: new Set(['open', 'other', 'vaulted']), locations: new Set(['store', 'vault']) })
    for (const seen of [all, undefined])
      expect(JSON.stringify(placeInSight(declared, work, seen))).toBe(JSON.stringify(place(declared, work)))
  })

  it('names no location out of sight and no prefix there, whichever rule speaks of it', () => {
    const work = buildWork({
      project: OURS,
      inputs: [buildInput('x', ['vault'], { url: 's3://vault/x' })],
      outputs: [
        { url: 's3://vault/out', path: '/out' },
        { url: 's3://store/out', path: '/more' },
      ],
    })
    const [site] = placeInSight(declared, work, sight).sites
    const codes = ['INPUT_UNREACHABLE', 'GROUP_MISSING', 'RESIDENCY', 'WORK_NOT_APPROVED', 'OUTPUT_TARGET_DENIED']
    expect(site?.reasons.map(({ code }) => code).filter(code => codes.includes(code))).toEqual(codes)
    for (const { detail } of site?.reasons ?? []) {
      expect(detail).toContain('at a location that is not for your projects')
      expect(detail.replaceAll(/s3:\/\/vault\/(x|out)/g, '')).not.toContain('vault')
    }
    expect(
      place(declared, work)
        .sites[0]?.reasons.map(({ detail }) => detail)
        .join('\n'),
    ).toContain('x lies at vault, which Open cannot read')
  })

  it('names nothing at a location out of sight but what the task itself names, wherever a DRS server says that its bytes lie', () => {
    let spoken = 0
    fc.assert(
      fc.property(anySnapshot, anyWork, (any, work) => {
        const seen = { sites: new Set(any.sites.map(({ site }) => site.id)), locations: new Set(['l0', 'l2', 'drs'].map(locationId)) }
        const shown = placeInSight(any, work, seen)
        const own = [...work.inputs, ...work.outputs].flatMap(({ url }) => url ?? []).toSorted((a, b) => b.length - a.length)
        // Where a site sends results is the site's own rule, and it is in sight.
        const reasons = shown.sites.flatMap(site => site.reasons).filter(({ code }) => code !== 'OUTPUT_TARGET_DENIED')
        for (const { detail } of reasons) {
          const rest = own.reduce((text, url) => text.replaceAll(url, ''), detail)
          expect(rest).not.toMatch(/\bl1\b/)
          if (rest.includes('not for your projects')) spoken++
        }
      }),
      { numRuns: 1000 },
    )
    expect(spoken).toBeGreaterThan(20)
  })

  it.each([
    ['is not declared', [], 'project ours is not declared'],
    ['is over', [{ id: OURS, sites: [], untilMs: 0 }], 'project ours ended on 1970-01-01'],
  ] as const)('says that the project of the task %s, though it shows no site', (_, own, said) => {
    const work = buildWork({ project: OURS })
    const shown = placeInSight(snapshot([{ id: projectId('theirs') }, ...own]), work, sightOf(declared, []))
    expect([shown.outcome, shown.sites, shown.counts]).toEqual(['refused', [], { pass: 0 }])
    expect(shown.why).toBe(`No site may run it: 3 further sites are not for your projects; ${said}`)
  })

  it('is cut from what was kept, which stays whole', () => {
    const work = buildWork({ project: OURS })
    const decision = place(declared, work)
    const record = packDecision(declared, work, decision, { policy: 'p', task: 't' })
    const texts = { policy: policyText(declared), task: JSON.stringify({ executors: [] }) }
    expect(replayDecision(record, texts)?.sites.map(({ id }) => id)).toEqual(['open', 'other', 'vaulted'])
    expect(replayDecision(record, texts, sight)).toMatchObject({ sites: [{ id: 'open' }], further: { sites: 2 } })
  })

  it('has the site that was chosen, for that is told with the task', () => {
    const { sites, further } = placeInSight(declared, buildWork({ project: OURS }), sightOf(declared, []))
    expect([sites.map(({ id }) => id), further?.sites]).toEqual([['open'], 2])
  })
})
