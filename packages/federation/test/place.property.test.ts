import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compileSnapshot,
  type Decision,
  type Location,
  type LocationPrefix,
  PREFIX_RULES,
  PROJECT_RULES,
  type Project,
  place,
  type ReasonCode,
  SITE_RULES,
  type Site,
  type SitePolicy,
  type Snapshot,
  type Work,
} from '../src/index.ts'
import { anySnapshot, anyWork } from './arbitrary.ts'
import { buildInput, buildLocation, buildPrefix, buildProject, buildSite, buildSnapshot, buildWork, locationId } from './build.ts'

const RUNS = { numRuns: 2000 }
const bytes = (decision: Decision): string => JSON.stringify(decision)

describe('whatever the federation and the task', () => {
  it('the same input gives the same bytes, compiled before or not, and changes nothing', () => {
    fc.assert(
      fc.property(anySnapshot, anyWork, (snapshot, work) => {
        const before = JSON.stringify([snapshot, work])
        const first = bytes(place(snapshot, work))
        const compiled = compileSnapshot(snapshot)
        expect(bytes(place(compiled, work))).toBe(first)
        expect(bytes(place(compiled, work))).toBe(first)
        expect(JSON.stringify([snapshot, work])).toBe(before)
      }),
      RUNS,
    )
  })

  it('the order of sites, locations and projects does not matter', () => {
    const shuffled = anySnapshot.chain(snapshot =>
      fc.record({
        snapshot: fc.constant(snapshot),
        sites: fc.shuffledSubarray([...snapshot.sites], { minLength: snapshot.sites.length }),
        locations: fc.shuffledSubarray([...snapshot.locations], { minLength: snapshot.locations.length }),
        projects: fc.shuffledSubarray([...snapshot.projects], { minLength: snapshot.projects.length }),
      }),
    )
    fc.assert(
      fc.property(shuffled, anyWork, ({ snapshot, ...lists }, work) => {
        expect(bytes(place({ ...snapshot, ...lists }, work))).toBe(bytes(place(snapshot, work)))
      }),
      RUNS,
    )
  })

  it('a site with a failed check is never chosen or ranked, and the chosen one is the cheapest that passes', () => {
    fc.assert(
      fc.property(anySnapshot, anyWork, (snapshot, work) => {
        const { sites, chosen, outcome, counts } = place(snapshot, work)
        const passed = sites.filter(site => site.reasons.length === 0)
        for (const site of sites) {
          expect(site.verdict === 'pass').toBe(site.reasons.length === 0)
          expect(site.rank !== undefined).toBe(site.verdict === 'pass')
        }
        const cheapest = Math.min(...passed.map(site => site.cost ?? Number.NaN))
        expect(chosen === null).toBe(passed.length === 0)
        if (chosen !== null) expect(sites.find(site => site.id === chosen)).toMatchObject({ rank: 1, cost: cheapest, reasons: [] })
        const expected = passed.length > 0 ? 'placed' : sites.some(site => site.verdict === 'later') ? 'hold' : 'refused'
        expect(outcome).toBe(expected)
        expect(counts.pass).toBe(passed.length)
        expect(new Set(passed.map(site => site.rank))).toEqual(new Set(passed.map((_, i) => i + 1)))
      }),
      RUNS,
    )
  })

  it('every figure is a whole number that is not negative', () => {
    fc.assert(
      fc.property(anySnapshot, anyWork, (snapshot, work) => {
        for (const { terms, cost } of place(snapshot, work).sites) {
          if (terms === undefined) continue
          const { assumed: _, ...figures } = terms
          for (const figure of [...Object.values(figures), cost]) expect(Number.isSafeInteger(figure) && Number(figure) >= 0).toBe(true)
        }
      }),
      RUNS,
    )
  })

  it('one more replica never makes a task dearer at a site that may run it either way', () => {
    fc.assert(
      fc.property(anySnapshot, anyWork, fc.nat(9), fc.constantFrom('l0', 'l1', 'l2'), (snapshot, work, at, location) => {
        const located = work.inputs.filter(input => input.replicas.length > 0)
        const target = located[at % Math.max(1, located.length)]
        fc.pre(target !== undefined)
        const replica = { location: locationId(location), url: `s3://${location}/copy` }
        const inputs = work.inputs.map(input => (input === target ? { ...input, replicas: [...input.replicas, replica] } : input))
        const before = place(snapshot, work)
        const after = place(snapshot, { ...work, inputs })
        for (const { id, cost } of before.sites) {
          const then = after.sites.find(site => site.id === id)?.cost
          if (cost !== undefined && then !== undefined) expect(then).toBeLessThanOrEqual(cost)
        }
      }),
      RUNS,
    )
  })

  it('a site without a login gets nothing but public data', () => {
    fc.assert(
      fc.property(anySnapshot, anyWork, (snapshot, work) => {
        const { chosen } = place(snapshot, work)
        const site = snapshot.sites.find(entry => entry.site.id === chosen)?.site
        if (site?.open !== true) return
        for (const input of work.inputs) {
          const locations = input.replicas.map(replica => snapshot.locations.find(({ id }) => id === replica.location))
          expect(locations.length > 0 && locations.every(place => place?.prefixes[0]?.sensitivity === 'public')).toBe(true)
        }
      }),
      RUNS,
    )
  })
})

const withPolicy = (snapshot: Snapshot, more: SitePolicy): Snapshot => ({
  ...snapshot,
  sites: snapshot.sites.map(({ site, status }) => ({ site: { ...site, policy: { ...site.policy, ...more } }, status })),
})
const withLocations = (snapshot: Snapshot, change: (location: Location) => Location): Snapshot => ({
  ...snapshot,
  locations: snapshot.locations.map(change),
})
const hasPlace = ({ inputs }: Work): boolean => inputs.some(({ replicas }) => replicas.length > 0)

/** Each list that decides, emptied everywhere, and whether the task has anything that the list is about. */
const EMPTIED: readonly (readonly [
  code: ReasonCode,
  key: string,
  empty: (snapshot: Snapshot) => Snapshot,
  binds: (work: Work) => boolean,
])[] = [
  ['PROJECT_NOT_ADMITTED', 'policy.projects', snapshot => withPolicy(snapshot, { projects: [] }), () => true],
  [
    'PROJECT_NOT_ADMITTED',
    'sites of a project',
    snapshot => ({ ...snapshot, projects: snapshot.projects.map(project => ({ ...project, sites: [] })) }),
    () => true,
  ],
  ['IMAGE_NOT_ALLOWED', 'policy.images.allow', snapshot => withPolicy(snapshot, { images: { allow: [] } }), () => true],
  [
    'OUTPUT_TARGET_DENIED',
    'policy.outputs.allow',
    snapshot => withPolicy(snapshot, { outputs: { allow: [] } }),
    ({ outputs }) => outputs.length > 0,
  ],
  [
    'RESIDENCY',
    'residency',
    snapshot =>
      withLocations(snapshot, location => ({ ...location, prefixes: location.prefixes.map(prefix => ({ ...prefix, residency: [] })) })),
    hasPlace,
  ],
  ['INPUT_UNREACHABLE', 'readableFrom', snapshot => withLocations(snapshot, location => ({ ...location, readableFrom: [] })), hasPlace],
]

describe('an empty list of what is admitted', () => {
  it.each(EMPTIED)('keeps a task from every site with %s: %s', (code, _key, empty, binds) => {
    fc.assert(
      fc.property(anySnapshot, anyWork, (snapshot, work) => {
        fc.pre(binds(work))
        const { chosen, sites } = place(empty(snapshot), work)
        expect(chosen).toBeNull()
        for (const { reasons } of sites) expect(reasons.map(reason => reason.code)).toContain(code)
      }),
      { numRuns: 300 },
    )
  })
})

/** Something declared under a key: a list, a text, a number, a map, true. Nothing that counts as not declared. */
const anyValue = fc.oneof(
  fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }),
  fc.string({ minLength: 1 }),
  fc.integer({ min: 1 }),
  fc.constant(true),
  fc.constant({ any: 'thing' }),
)
const keysOf = (table: Readonly<Record<string, { readonly how: string } | null>>): readonly string[] =>
  Object.entries(table).flatMap(([key, rule]) => (rule?.how === 'closed' ? [key] : []))

/** A federation in which everything passes, but for what is declared on top. */
function declare(
  on: 'site' | 'input' | 'output' | 'project',
  key: string,
  value: unknown,
): { readonly snapshot: Snapshot; readonly work: Work } {
  const declared = (where: typeof on): object => (on === where ? { [key]: value } : {})
  const images = key.startsWith('images.') ? { images: { [key.slice('images.'.length)]: value } } : undefined
  const site: Site = buildSite('here', { policy: images ?? declared('site') })
  const reads: Location = buildLocation('in', { prefixes: [buildPrefix('s3://in/', declared('input') as Partial<LocationPrefix>)] })
  const writes: Location = buildLocation('out', {
    prefixes: [buildPrefix('s3://out/', { outputs: true, ...(declared('output') as Partial<LocationPrefix>) })],
  })
  const project: Project = buildProject('p', declared('project') as Partial<Project>)
  return {
    snapshot: buildSnapshot([site], { locations: [reads, writes], projects: [project] }),
    work: buildWork({ inputs: [buildInput('x', ['in'])], outputs: [{ url: 's3://out/x', path: '/x' }] }),
  }
}

describe('a declared rule is never passed over', () => {
  const closed = [
    ...keysOf(SITE_RULES).map(key => ['site', key] as const),
    ...keysOf(PREFIX_RULES).flatMap(key => [['input', key] as const, ['output', key] as const]),
    ...keysOf(PROJECT_RULES).map(key => ['project', key] as const),
  ]

  it('not in this federation, in which nothing is declared', () => {
    const { snapshot, work } = declare('site', 'projects', undefined)
    expect(place(snapshot, work).chosen).toBe('here')
  })

  it.each(closed)('a %s that declares %s gets no task, whatever the value', (on, key) => {
    fc.assert(
      fc.property(anyValue, value => {
        const { snapshot, work } = declare(on, key, value)
        const decision = place(snapshot, work)
        expect(decision.chosen).toBeNull()
        expect(decision.sites[0]?.reasons[0]?.detail).toMatch(/declared, not yet supported$/)
      }),
      { numRuns: 50 },
    )
  })

  it('a key that no table knows counts as a rule too', () => {
    fc.assert(
      fc.property(fc.constantFrom('site', 'input', 'output', 'project'), anyValue, (on, value) => {
        const { snapshot, work } = declare(on, 'someday', value)
        expect(place(snapshot, work)).toMatchObject({ chosen: null, counts: { SITE_RULE: 1 } })
      }),
    )
  })
})
