/** Arbitrary federations for property tests: small enough that things meet, wide enough that every check has something to say. */
import fc from 'fast-check'
import type {
  LocatedInput,
  Location,
  LocationId,
  Project,
  Replica,
  Site,
  SiteStatus,
  SiteTrouble,
  Snapshot,
  Work,
  WorkId,
} from '../src/index.ts'
import { SENSITIVITIES, TROUBLE_KINDS } from '../src/index.ts'
import {
  buildInput,
  buildLocation,
  buildPrefix,
  buildProject,
  buildSite,
  buildSnapshot,
  buildStatus,
  buildWork,
  locationId,
  projectId,
  siteId,
} from './build.ts'

const LOCATIONS = ['l0', 'l1', 'l2'] as const
const countries = fc.constantFrom('DE', 'NL', 'FR')
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.integer({ min: 0, max: 5 }).chain(n => (n === 0 ? value : fc.constant(undefined)))
const someLocations = fc.uniqueArray(fc.constantFrom(...LOCATIONS), { maxLength: 3 })
const rates = fc.dictionary(fc.constantFrom(...LOCATIONS), fc.integer({ min: 1, max: 10_000 })) as fc.Arbitrary<Record<LocationId, number>>

const anyTrouble: fc.Arbitrary<SiteTrouble | undefined> = fc.option(
  fc.oneof(
    fc.record({ kind: fc.constantFrom(...TROUBLE_KINDS) }),
    fc.record({ kind: fc.constant('status' as const), status: fc.integer({ min: 100, max: 599 }) }),
  ),
  { nil: undefined },
)

const anyStatus: fc.Arbitrary<SiteStatus> = fc
  .record({
    health: fc.constantFrom('up', 'up', 'up', 'down', 'unknown'),
    submitBreakerOpen: fc.integer({ min: 0, max: 9 }).map(n => n === 0),
    listTrouble: anyTrouble,
    submitTrouble: anyTrouble,
    idle: fc.nat(3),
    window: fc.integer({ min: 1, max: 20 }),
    running: fc.nat(100),
    waitMs: fc.nat(100_000),
    dispatchedSince: fc.nat(5),
    drainMs: fc.nat(5000),
    failuresMilli: fc.nat(9000),
    attemptsMilli: fc.integer({ min: 9000, max: 90_000 }),
    learned: maybe(
      fc.dictionary(fc.constantFrom(...LOCATIONS), fc.integer({ min: 0, max: 10_000_000 })) as fc.Arbitrary<Record<LocationId, number>>,
    ),
  })
  .map(status => buildStatus(status as SiteStatus))

const anySite = (id: string): fc.Arbitrary<Site> =>
  fc
    .record({
      open: fc.integer({ min: 0, max: 3 }).map(n => n === 0),
      country: countries,
      mbps: fc.integer({ min: 1, max: 10_000 }),
      from: rates,
      holds: someLocations,
      maxSensitivity: fc.constantFrom('controlled', 'controlled', ...SENSITIVITIES),
      draining: fc.integer({ min: 0, max: 9 }).map(n => n === 0),
      allow: maybe(fc.constant(['quay.io/biocontainers/*'])),
      targets: maybe(fc.constantFrom(['s3://l0/'], ['s3://l0/', 's3://l1/'])),
      schemes: maybe(fc.constantFrom(['https'], ['s3'], ['ftp'], ['drs'], ['drs', 'https'])),
    })
    .map(({ country, mbps, from, holds, allow, targets, schemes, ...rest }) =>
      buildSite(id, {
        ...rest,
        ...(schemes && { capabilities: { ...buildSite(id).capabilities, inputSchemes: schemes } }),
        place: { country },
        network: { defaultMbps: mbps, from },
        holds: holds.map(locationId),
        policy: { ...(allow && { images: { allow } }), ...(targets && { outputs: { allow: targets } }) },
      }),
    )

const anyLocation = (id: string): fc.Arbitrary<Location> =>
  fc
    .record({
      country: countries,
      sensitivity: fc.constantFrom('public', 'public', 'public', ...SENSITIVITIES),
      residency: maybe(fc.uniqueArray(countries, { maxLength: 3 })),
      readableFrom: maybe(fc.uniqueArray(fc.constantFrom('s0', 's1', 's2', 's3'), { minLength: 1 })),
      outputs: fc.integer({ min: 0, max: 5 }).map(n => n > 0),
      links: fc.boolean(),
      credentialsAt: maybe(fc.uniqueArray(fc.constantFrom('s0', 's1', 's2'))),
    })
    .map(({ country, readableFrom, links, credentialsAt, ...prefix }) =>
      buildLocation(id, {
        country,
        ...(readableFrom && { readableFrom: readableFrom.map(siteId) }),
        ...(links && { links }),
        ...(credentialsAt && { credentialsAt: credentialsAt.map(siteId) }),
        prefixes: [buildPrefix(`s3://${id}/`, prefix)],
      }),
    )

const anyProject: fc.Arbitrary<Project> = maybe(fc.uniqueArray(fc.constantFrom('s0', 's1', 's2', 's3'), { minLength: 2 })).map(sites =>
  buildProject('p', { sites: sites?.map(siteId) }),
)

export const anySnapshot: fc.Arbitrary<Snapshot> = fc
  .record({
    sites: fc.tuple(...['s0', 's1', 's2', 's3', 's10'].map(id => fc.record({ site: anySite(id), status: anyStatus }))),
    locations: fc.tuple(...LOCATIONS.map(anyLocation)),
    project: anyProject,
    owned: maybe(fc.constantFrom(['s3://l0/dir/'], ['s3://l1/out/'], ['s3://l2/'])),
  })
  .map(({ sites, locations, project, owned }) =>
    buildSnapshot(sites, { locations: [...locations, DRS], projects: [project, buildProject('q', owned && { owns: owned })] }),
  )

/** A server at which objects are named whose bytes lie anywhere. */
const DRS = buildLocation('drs', { kind: 'drs', prefixes: [buildPrefix('drs://d/', { sensitivity: 'public' })] })

/** An address below a declared prefix, one that is known by its rules alone, an access id on declared ground, or one that nobody knows anything of. */
const anyWay = (name: string): fc.Arbitrary<Replica> =>
  fc.tuple(fc.constantFrom(...LOCATIONS), fc.constantFrom('address', 'signed', 'ground', 'nowhere')).map(([at, kind]): Replica => {
    const url = `drs://d/${name}`
    if (kind === 'address') return { location: locationId(at), url: `s3://${at}/${name}` }
    if (kind === 'signed') return { location: locationId(at), url, at: `s3://${at}/${name}`, link: true }
    return { location: locationId(kind === 'ground' ? at : 'drs'), url, link: true }
  })

const anyDrsInput: fc.Arbitrary<LocatedInput> = fc
  .record({
    name: fc.constantFrom('a', 'b', 'dir/c'),
    assumed: fc.integer({ min: 0, max: 5 }).map(n => n === 0),
    bytes: fc.nat(10_000_000_000),
  })
  .chain(({ name, ...rest }) => {
    const unknown = [{ location: DRS.id, url: `drs://d/${name}` }]
    return fc
      .uniqueArray(anyWay(name), { maxLength: 3, selector: replica => JSON.stringify(replica) })
      .map(ways => buildInput(name, [], { ...rest, url: `drs://d/${name}`, replicas: rest.assumed || ways.length === 0 ? unknown : ways }))
  })

const anyStoredInput: fc.Arbitrary<LocatedInput> = fc
  .record({
    name: fc.constantFrom('a', 'b', 'dir/c'),
    at: fc.uniqueArray(fc.constantFrom(...LOCATIONS), { maxLength: 3 }),
    bytes: fc.nat(10_000_000_000),
    files: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constantFrom(999, 1001)),
    assumed: fc.boolean(),
    missing: fc.integer({ min: 0, max: 19 }).map(n => n === 0),
  })
  .map(({ name, at, missing, ...rest }) => buildInput(name, at, { ...rest, ...(missing && { missing }) }))

const anyInput: fc.Arbitrary<LocatedInput> = fc.oneof({ weight: 3, arbitrary: anyStoredInput }, { weight: 1, arbitrary: anyDrsInput })

export const anyWork: fc.Arbitrary<Work> = fc
  .record({
    id: fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom('0', '1', 'a', 'Z', '-', '_') }).map(id => id as WorkId),
    inputs: fc.array(anyInput, { maxLength: 4 }),
    outputs: fc.array(
      fc.constantFrom(...LOCATIONS, 'away').map(location => ({ url: `s3://${location}/out/`, path: '/out' })),
      { maxLength: 2 },
    ),
    project: fc.constantFrom('p', 'p', 'p', 'q').map(projectId),
    images: fc.subarray(['ubuntu', ...buildWork().images], { minLength: 1 }),
    cpuCores: fc.integer({ min: 1, max: 66 }),
    locality: fc.constantFrom('prefer', 'prefer', 'prefer', 'ignore', 'ignore', 'require'),
    triedSites: fc.subarray(['s0', 's1'].map(siteId)),
  })
  .map(({ locality, ...rest }) =>
    buildWork({ ...rest, hints: { locality: locality as Work['hints']['locality'], rerunnable: false, maxRunMs: 60_000 } }),
  )
