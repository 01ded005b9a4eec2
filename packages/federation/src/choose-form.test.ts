import { describe, expect, it } from 'vitest'
import { buildInput, buildLocation, buildSite, buildSnapshot, buildStatus, buildWork, locationId, siteId } from '../test/build.ts'
import { compileSnapshot } from './compile.ts'
import type { Location } from './location.ts'
import { planStaging } from './plan-staging.ts'
import type { Site, SiteStatus } from './site.ts'
import type { LocatedInput, Replica } from './work.ts'

const HOUR = 3_600_000
const takes = (...inputSchemes: string[]): Partial<Site> => ({ capabilities: { ...buildSite('x').capabilities, inputSchemes } })
const near = (site: string): Partial<Location> => ({ credentialsAt: [siteId(site)] })

interface Given {
  readonly site?: Partial<Site>
  readonly status?: Partial<SiteStatus>
  /** Of the locations `a` and `b`. */
  readonly a?: Partial<Location>
  readonly b?: Partial<Location>
  readonly inputs?: readonly LocatedInput[]
}

function plan({ site, status, a, b, inputs }: Given) {
  const compiled = compileSnapshot(
    buildSnapshot([{ site: buildSite('here', site), status: buildStatus(status) }], {
      locations: [buildLocation('a', a), buildLocation('b', b)],
    }),
  )
  const [at] = compiled.sites
  if (at === undefined) throw new Error('there is no site')
  return planStaging(compiled, at, buildWork({ inputs: inputs ?? [buildInput('x', ['a'])] }))
}

const both = (more: Partial<LocatedInput> = {}): readonly LocatedInput[] => [buildInput('x', ['a', 'b'], more)]
const asIs = { kind: 'asIs' }
const link = (at: string) => ({ kind: 'link', url: `s3://${at}/x`, location: at })
const handed = (at: string) => ({ kind: 'link', url: 'drs://d/1', location: at })
const replica = (at: string) => ({ kind: 'replica', url: `s3://${at}/x`, location: at })
const unreadable = (...troubles: string[]) => ({ kind: 'unreadable', troubles })

describe('the form in which a site gets an input', () => {
  it.each<[string, Given, unknown]>([
    ['inline content is left alone', { inputs: [{ path: '/x', replicas: [], bytes: 1, files: 1, assumed: false }] }, asIs],
    ['a file that is named by path is for another check', { inputs: [buildInput('x', [], { url: '/data/x' })] }, asIs],
    ['under no declared location it goes as it is', { inputs: [buildInput('x', [])] }, asIs],
    ['where the broker can make no links it goes as it is', {}, asIs],
    ['the site holds the location', { a: { links: true }, site: { holds: [locationId('a')] } }, asIs],
    ['the site has credentials there', { a: { links: true, ...near('here') } }, asIs],
    ['another site has credentials there', { a: { links: true, ...near('there') } }, link('a')],
    ['nobody but the broker has', { a: { links: true } }, link('a')],
    ['the site does not take the scheme, and gets a link', { a: { links: true }, site: takes('https') }, link('a')],
    ['the site does not take the scheme, and no link can be made', { site: takes('https') }, unreadable('scheme')],
    [
      'the site takes the scheme, has no credentials, and takes no links',
      { a: { links: true }, site: takes('s3') },
      unreadable('linkless'),
    ],
    ['the site takes nothing of all that', { a: { links: true }, site: takes('ftp') }, unreadable('scheme')],
    ['the site may not read the location', { a: { links: true, readableFrom: [siteId('there')] } }, unreadable('closed')],
    [
      'the site may not read the location, nor the scheme',
      { a: { readableFrom: [siteId('there')] }, site: takes('https') },
      unreadable('closed', 'scheme'),
    ],
    ['its own place is closed, and a replica is open', { a: { readableFrom: [siteId('there')] }, inputs: both() }, replica('b')],
    [
      'its own place is closed, and a link can be made to a replica',
      { a: { readableFrom: [siteId('there')] }, b: { links: true }, inputs: both() },
      link('b'),
    ],
    ['a replica that it reads by itself comes before a link to its own place', { a: { links: true }, inputs: both() }, replica('b')],
    ['its own URL comes before a nearer replica', { site: { holds: [locationId('b')] }, inputs: both() }, asIs],
    [
      'of two replicas the one that the site holds',
      { inputs: both({ url: 'gs://c/x' }), site: { holds: [locationId('b')], ...network({ a: 10_000 }) } },
      replica('b'),
    ],
    ['of two replicas the faster', { inputs: both({ url: 'gs://c/x' }), site: network({ b: 10_000 }) }, replica('b')],
    ['of two that are equal the first by name', { inputs: both({ url: 'gs://c/x' }) }, replica('a')],
    ['of two links the faster', { a: { links: true }, b: { links: true }, inputs: both(), site: network({ b: 10_000 }) }, link('b')],
    [
      'a directory with as many files as links are made for',
      { a: { links: true }, inputs: [buildInput('x', ['a'], { files: 1000 })] },
      link('a'),
    ],
    ['a directory with more', { a: { links: true }, inputs: [buildInput('x', ['a'], { files: 1001 })] }, unreadable('crowded')],
    [
      'a directory that nobody has counted is tried',
      { a: { links: true }, inputs: [buildInput('x', ['a'], { files: 9999, assumed: true })] },
      link('a'),
    ],
    ['a site that reads DRS by itself', { a: { kind: 'drs' }, inputs: [drs('a')], site: takes('drs', 'https') }, asIs],
    ['an object of DRS that no way leads to', { a: { kind: 'drs' }, inputs: [drs('a')] }, unreadable('scheme')],
    ['an object of DRS that nobody has asked about yet', { a: { kind: 'drs' }, inputs: [drs('a', {}, { assumed: true })] }, handed('a')],
    ['an object of DRS by an address that its server hands out', { a: { kind: 'drs' }, inputs: [drs('a', { link: true })] }, handed('a')],
    [
      'an object of DRS by an address below a declared prefix',
      { inputs: [drs('a', { link: true, at: 's3://a/x' })] },
      { ...handed('a'), at: 's3://a/x' },
    ],
    [
      'an object of DRS at a place that the site may not read',
      { a: { readableFrom: [siteId('there')] }, inputs: [drs('a', { link: true, at: 's3://a/x' })] },
      unreadable('closed'),
    ],
    [
      'a bundle of DRS',
      { a: { kind: 'drs' }, inputs: [drs('a', { link: true }, { directory: true })], site: takes('https') },
      unreadable('scheme'),
    ],
    [
      'a site that reads DRS by itself, of which one way leads where it may not read',
      {
        a: { kind: 'drs' },
        b: { readableFrom: [siteId('there')] },
        inputs: [twoWays({})],
        site: takes('drs'),
      },
      unreadable('mixed'),
    ],
    [
      'the same, and a link can be made to the other',
      {
        a: { kind: 'drs' },
        b: { readableFrom: [siteId('there')] },
        inputs: [twoWays({ link: true })],
        site: takes('drs', 'https'),
      },
      handed('a'),
    ],
    [
      'an object of DRS at a location with links, by the URL of its bytes',
      { inputs: [{ ...drs('a'), replicas: buildInput('x', ['a']).replicas }], a: { links: true } },
      link('a'),
    ],
    [
      'an object of DRS that lies in a bucket which the site reads',
      { inputs: [{ ...drs('a'), replicas: buildInput('x', ['a']).replicas }] },
      replica('a'),
    ],
    ['an object of DRS where the site takes no links', { a: { kind: 'drs' }, inputs: [drs('a')], site: takes('s3') }, unreadable('scheme')],
  ])('%s', (_, given, form) => {
    expect(plan(given).forms).toEqual([form])
  })
})

function network(from: Record<string, number>): Partial<Site> {
  return { network: { defaultMbps: 100, from } }
}

function drs(at: string, way: Partial<Replica> = {}, more: Partial<LocatedInput> = {}): LocatedInput {
  return buildInput('x', [], { url: 'drs://d/1', replicas: [{ location: locationId(at), url: 'drs://d/1', ...way }], ...more })
}

/** To the server at `a`, and to a bucket at `b`. */
function twoWays(way: Partial<Replica>): LocatedInput {
  return { ...drs('a'), replicas: [...drs('a', way).replicas, ...buildInput('x', ['b']).replicas] }
}

describe('the links that are to be made', () => {
  it('are one for each input that needs one, in their order', () => {
    const inputs = [buildInput('x', ['a']), buildInput('y', ['b']), buildInput('z', ['a'], { directory: true, files: 3 })]
    expect(plan({ a: { links: true }, inputs })).toEqual({
      forms: [link('a'), asIs, { kind: 'link', url: 's3://a/z', location: 'a' }],
      wishes: [
        { path: '/in/x', url: 's3://a/x', location: 'a', directory: false, lifeMs: 6 * HOUR, neededMs: 740, stagingMs: 740 },
        { path: '/in/z', url: 's3://a/z', location: 'a', directory: true, lifeMs: 6 * HOUR, neededMs: 740, stagingMs: 740 },
      ],
      looks: [],
    })
  })

  it.each([
    ['six hours at least', { waitMs: 0 }, 1_000_000, 6 * HOUR, 180],
    ['nine times the wait', { waitMs: HOUR }, 0, 9 * HOUR, HOUR],
    ['and three times the transfer', { waitMs: HOUR }, 100_000 * 450 * 1000, 9 * HOUR + 3 * (HOUR + 100), 2 * HOUR + 100],
    [
      'with the tasks that were sent since',
      { waitMs: HOUR, dispatchedSince: 10, drainMs: 60_000 },
      0,
      9 * (HOUR + 600_000),
      HOUR + 600_000,
    ],
    ['a week at most', { waitMs: 30 * HOUR }, 0, 7 * 24 * HOUR, 30 * HOUR],
  ])('live %s, and are needed for the wait and the transfer alone', (_, status, bytes, lifeMs, neededMs) => {
    const inputs = [buildInput('x', ['a'], { bytes, files: bytes === 0 ? 0 : 1 })]
    expect(plan({ a: { links: true }, status, inputs }).wishes[0]).toMatchObject({ lifeMs, neededMs })
  })

  it('are needed for no time where they are only looked at', () => {
    const given = { a: { kind: 'drs' as const }, inputs: [drs('a', { link: true })], site: takes('drs', 'https') }
    expect(plan(given)).toMatchObject({ wishes: [], looks: [{ path: '/in/x' }] })
    expect(plan(given).looks[0]?.neededMs).toBeUndefined()
  })
})
