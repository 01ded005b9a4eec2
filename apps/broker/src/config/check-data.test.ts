import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { formatProblem, loadConfig } from '../config.ts'

const env = { KEY: makeSecret('key'), SECRET: makeSecret('secret') }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-places-'))
})
afterAll(() => rm(folder, { recursive: true }))

type Fields = Readonly<Record<string, unknown>>

const SITE = { id: 'berlin', url: 'https://tes.example.org/', place: { country: 'DE' } }
const CREDENTIAL = { kind: 's3', accessKeyRef: 'env:KEY', secretKeyRef: 'env:SECRET' }
const STORE = {
  id: 'store',
  country: 'DE',
  kind: 's3',
  endpoint: 'https://s3.example.org',
  prefixes: [{ url: 's3://work/', outputs: true }],
}
const WEB = { id: 'web', country: 'DE', kind: 'http', prefixes: [{ url: 'https://data.example.org/free/' }] }

async function load(parts: { readonly locations?: readonly Fields[]; readonly projects?: readonly Fields[] }) {
  const file = join(folder, 'portolan.yaml')
  await writeFile(file, stringify({ auth: { mode: 'open' }, sites: [SITE], ...parts }))
  return await loadConfig({ file, env, cwd: folder })
}

/** Without the file, which is the same for all. */
async function mistakesOf(parts: Parameters<typeof load>[0]): Promise<readonly string[]> {
  const loaded = await load(parts)
  return loaded.kind === 'problems' ? loaded.problems.map(problem => formatProblem(problem).replace(/^.*portolan\.yaml:\d+: /, '')) : []
}

describe('mistakes about places', () => {
  const rows: readonly [string, Parameters<typeof load>[0], readonly string[]][] = [
    [
      'a site that does not exist',
      { locations: [{ ...STORE, credentialsAt: ['berlni'] }] },
      ['locations[0].credentialsAt[0] names the site "berlni", which does not exist; did you mean berlin?'],
    ],
    [
      'a DRS location of another scheme',
      {
        locations: [
          { id: 'drs', country: 'DE', kind: 'drs', prefixes: ['https://a.org/', 'drs://a.org/', 'drs://b.org/x'].map(url => ({ url })) },
        ],
      },
      ['locations[0].prefixes[0].url is no drs URL while the location is drs; write drs://HOST/ as the addresses of its objects begin'],
    ],
    [
      'a DRS location of two servers',
      {
        locations: [
          { id: 'drs', country: 'DE', kind: 'drs', prefixes: ['drs://A.org/', 'drs://a.org/y/', 'drs://b.org/x'].map(url => ({ url })) },
        ],
      },
      ['locations[0].prefixes[2].url names another host than a.org; declare a location of its own for that server'],
    ],
    [
      'links that nobody can sign, and links that would open nothing',
      {
        locations: [
          { ...STORE, delivery: 'direct' },
          { ...WEB, delivery: 'direct', credential: { kind: 'bearer', tokenRef: 'env:KEY' } },
        ],
      },
      [
        'locations[0].delivery is direct while there is no credential to sign links with; add one of kind s3, or use none',
        'locations[1].delivery is direct while the server asks for a credential; use relay: people have no credential there, and a link to an http server holds none',
      ],
    ],
    [
      'keys of another kind',
      { locations: [{ ...WEB, addressing: 'path', checksums: 'required' }] },
      [
        'locations[0].addressing is of s3 alone, and the location is http; leave it out',
        'locations[0].checksums is of s3 alone, and the location is http; leave it out',
      ],
    ],
    [
      'folders that are none, that lead out of the location, and that lead to two places',
      {
        locations: [
          {
            ...STORE,
            pathMaps: [
              { from: '/nfs/../work/', to: 's3://work/a/' },
              { from: '/nfs/b/', to: 's3://elsewhere/b/' },
              { from: '/nfs/c/', to: 's3://work/c' },
              { from: '/nfs/d/', to: 's3://work/d/', projects: ['none'] },
            ],
          },
          { ...WEB, pathMaps: [{ from: '/nfs/d/', to: 'https://data.example.org/free/' }] },
        ],
      },
      [
        'locations[0].pathMaps[0].from is not an absolute folder; write it from the root to a slash at the end, such as /nfs/work/, without dot segments, double slashes, %, ? or #',
        'locations[0].pathMaps[1].to lies below no prefix of this location; name a folder below one of its prefixes',
        'locations[0].pathMaps[2].to names one object; end it in a slash',
        'locations[0].pathMaps[3].projects[0] names the project "none", which does not exist; the projects are local',
        'locations[1].pathMaps[0].from is already mapped by the location "store"; map it once',
      ],
    ],
    [
      'uploads where nobody can write, and folders within each other',
      {
        locations: [STORE],
        projects: [
          { id: 'one', results: 's3://work/one/', uploads: 's3://nowhere/one/' },
          { id: 'two', results: 's3://work/one/two/' },
          { id: 'three', uploads: 's3://work/three' },
          { id: 'four', results: 'https://s3.example.org/work/four/' },
        ],
      },
      [
        'projects[0].uploads lies at no declared location, so nobody can write there; declare the location, with its credential',
        'projects[1].results lies within what the project "one" calls its own (results: s3://work/one/); give each project a folder of its own',
        'projects[2].uploads names one object; end it in a slash',
        'projects[3].results is an address of a bucket at its endpoint, which has others; write it as s3://bucket/folder/',
      ],
    ],
  ]
  it.each(rows)('%s', async (_, parts, mistakes) => {
    expect(await mistakesOf(parts)).toEqual(mistakes)
  })
})

describe('places as the broker works with them', () => {
  const server = { region: 'us-east-1', addressing: 'path', checksums: 'supported' } as const

  it('have links where they can be signed, and a way for people that follows from kind and credential', async () => {
    const locations = [
      { ...STORE, credential: CREDENTIAL, region: 'eu-central-1', cloud: 'own', credentialsAt: ['berlin'] },
      { ...STORE, id: 'bare', prefixes: [{ url: 's3://bare/' }] },
      { ...STORE, id: 'shut', prefixes: [{ url: 's3://shut/' }], credential: CREDENTIAL, delivery: 'none' },
      WEB,
      { ...WEB, id: 'closed', prefixes: [{ url: 'https://data.example.org/shut/' }], credential: { kind: 'bearer', tokenRef: 'env:KEY' } },
    ]
    const loaded = await load({ locations })
    if (loaded.kind === 'problems') throw new Error(loaded.problems.map(formatProblem).join('\n'))
    expect(loaded.locations.map(({ location, server: at }) => [location.id, location.links === true, at.delivery])).toEqual([
      ['store', true, 'direct'],
      ['bare', false, 'none'],
      ['shut', false, 'none'],
      ['web', false, 'direct'],
      ['closed', false, 'relay'],
    ])
    expect(loaded.locations[0]).toMatchObject({
      location: { credentialsAt: ['berlin'] },
      server: { ...server, endpoint: 'https://s3.example.org', region: 'eu-central-1', cloud: 'own', delivery: 'direct' },
    })
  })

  it('T03 belong to a project under every name that they have', async () => {
    const loaded = await load({
      locations: [STORE, WEB],
      projects: [
        { id: 'one', results: 's3://work/one/', uploads: 'https://data.example.org/free/one/' },
        { id: 'two', results: 's3://elsewhere/two/' },
        { id: 'three' },
      ],
    })
    if (loaded.kind === 'problems') throw new Error(loaded.problems.map(formatProblem).join('\n'))
    expect(Object.fromEntries(loaded.projects.map(({ project }) => [project.id, project.owns]))).toEqual({
      one: [
        's3://work/one/',
        'https://s3.example.org/work/one/',
        'https://work.s3.example.org/one/',
        's3://s3.example.org/work/one/',
        's3://s3.example.org:443/work/one/',
        'https://data.example.org/free/one/',
      ],
      two: ['s3://elsewhere/two/'],
    })
  })

  it('keep their work directories, whole or for some projects', async () => {
    const pathMaps = [
      { from: '/nfs/work/', to: 's3://work/' },
      { from: '/', to: 's3://work/root/', projects: ['local'] },
    ]
    expect(await load({ locations: [{ ...STORE, pathMaps }] })).toMatchObject({ locations: [{ location: { pathMaps } }] })
  })
})
