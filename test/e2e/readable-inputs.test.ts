/**
 * Inputs in buckets that a site has no key for: it reads them by links, and only a site that may. The access log of the store says who has read what.
 */
import { isTerminal, type TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { startFederation, type TestFederation } from '../harness/federation.ts'
import { fakeSite, realSite, type SiteSpec } from '../harness/sites.ts'
import { until } from '../harness/until.ts'
import { makeSecret } from '../leaks/secrets.ts'
import { type S3Server, startS3 } from '../s3/stand-in.ts'

const BROKER = { accessKey: makeSecret('broker-access'), secretKey: makeSecret('broker-secret'), reader: 'broker' }
const BERLIN = { accessKey: makeSecret('berlin-access'), secretKey: makeSecret('berlin-secret'), reader: 'berlin', readOnly: true }

async function openStore(): Promise<S3Server> {
  const s3 = await startS3({ buckets: ['genomes'], keys: [BROKER, BERLIN] })
  await s3.bucket('genomes').put('reads.txt', 'ACGT\n')
  for (const name of ['a', 'b', 'c']) await s3.bucket('genomes').put(`set/${name}.txt`, `${name}\n`)
  return s3
}

const genomes = (s3: S3Server, more: object = {}) => ({
  id: 'genomes',
  country: 'DE',
  kind: 's3',
  endpoint: s3.origin,
  credential: { kind: 's3', accessKeyRef: 'env:ACCESS', secretKeyRef: 'env:SECRET' },
  prefixes: [{ url: 's3://genomes/', sensitivity: 'anonymised', residency: ['DE'] }],
  ...more,
})

/** Berlin is slow, and may read it; Utrecht is fast, and may not. */
const SLOW = { network: { defaultMbps: 1 } }
const FAST = { place: { country: 'NL' }, network: { defaultMbps: 100_000 } }

const federate = (s3: S3Server, sites: readonly SiteSpec[], location: object = {}): Promise<TestFederation> =>
  startFederation({ sites, locations: [genomes(s3, location)], env: { ACCESS: BROKER.accessKey, SECRET: BROKER.secretKey } })

const cat = (...paths: string[]): TesTask['executors'] => [{ image: 'alpine', command: ['cat', ...paths] }]
const reading = (s3: S3Server) => s3.requests.filter(({ method, path }) => method === 'GET' && /^\/genomes\/./.test(path))
const offered = (federation: TestFederation, id: string) => federation.fake(id).requests.filter(({ method }) => method === 'POST')

describe.concurrent('an input in a bucket that sites have no key for', () => {
  it('is read by the site that may, by a link that nobody else sees, though another would be cheaper', async () => {
    await using s3 = await openStore()
    const berlin = realSite('berlin', SLOW, { fetch: { [s3.origin]: undefined } })
    await using federation = await federate(s3, [berlin, fakeSite('utrecht', FAST)])
    const done = await federation.run({
      inputs: [{ url: 's3://genomes/reads.txt', path: '/in/reads.txt', type: 'FILE' }],
      executors: cat('/in/reads.txt'),
    })
    expect([done.state, done.logs?.[0]?.logs[0]?.stdout]).toEqual(['COMPLETE', 'ACGT\n'])
    expect(done.inputs?.map(({ url }) => url)).toEqual(['s3://genomes/reads.txt'])
    expect(reading(s3)).toMatchObject([{ path: '/genomes/reads.txt', status: 200, presigned: true, reader: 'broker' }])
    expect(offered(federation, 'utrecht')).toEqual([])
    const decision = await federation.placement(done.id)
    expect(decision.sites.map(({ id, reasons }) => [id, reasons.map(({ code }) => code)])).toEqual([
      ['berlin', []],
      ['utrecht', ['RESIDENCY']],
    ])
    const views = await Promise.all(['placement', 'attempts', 'events'].map(view => federation.portolan(`tasks/${done.id}/${view}`)))
    expect(JSON.stringify([done, views, federation.logged])).not.toMatch(/X-Amz-(?:Signature|Credential)/i)
  })

  it('is each file of a directory by its link, also where an engine names it by path', async () => {
    await using s3 = await openStore()
    const berlin = realSite('berlin', SLOW, { fetch: { [s3.origin]: undefined } })
    await using federation = await federate(s3, [berlin], { pathMaps: [{ from: '/nfs/genomes/', to: 's3://genomes/' }] })
    const done = await federation.run({
      inputs: [{ url: '/nfs/genomes/set', path: '/in/set', type: 'DIRECTORY' }],
      executors: cat('/in/set/a.txt', '/in/set/b.txt', '/in/set/c.txt'),
    })
    expect([done.state, done.logs?.[0]?.logs[0]?.stdout]).toEqual(['COMPLETE', 'a\nb\nc\n'])
    expect(done.inputs?.map(({ url }) => url)).toEqual(['/nfs/genomes/set'])
    expect(
      reading(s3)
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(['/genomes/set/a.txt', '/genomes/set/b.txt', '/genomes/set/c.txt'])
  })

  it('goes as it is to a site with a key of its own', async () => {
    await using s3 = await openStore()
    const { accessKey, secretKey } = BERLIN
    const berlin = realSite('berlin', SLOW, { s3: { [s3.origin]: { accessKey, secretKey } }, buckets: { genomes: s3.origin } })
    await using federation = await federate(s3, [berlin], { credentialsAt: ['berlin'] })
    const done = await federation.run({
      inputs: [{ url: 's3://genomes/reads.txt', path: '/in/reads.txt', type: 'FILE' }],
      executors: cat('/in/reads.txt'),
    })
    expect([done.state, done.logs?.[0]?.logs[0]?.stdout]).toEqual(['COMPLETE', 'ACGT\n'])
    expect(reading(s3)).toMatchObject([{ path: '/genomes/reads.txt', reader: 'berlin' }])
  })

  it('is read by nobody where the site has moved between the placement and the offer (I9)', async () => {
    await using s3 = await openStore()
    await using federation = await federate(s3, [fakeSite('berlin', SLOW), fakeSite('utrecht', FAST)])
    // What is below the folder is asked for when links are made, which holds the offer back.
    s3.faults.add({ kind: 'hold' }, { operation: 'ListObjectsV2' })
    const id = await federation.submit({ inputs: [{ url: 's3://genomes/set/', path: '/in/set', type: 'DIRECTORY' }] })
    await until('it is placed in Berlin', async () => (await attemptsOf(federation, id)).some(({ site }) => site === 'berlin'))
    await federation.restart({}, { berlin: { place: { country: 'NL' } } })
    await until('it has ended', async () => isTerminal((await federation.client().getTask(id)).state))
    const ended = await federation.full(id)
    expect([ended.state, ended.logs?.[0]?.system_logs?.join('\n')]).toEqual(['SYSTEM_ERROR', expect.stringContaining('RESIDENCY')])
    expect(reading(s3)).toEqual([])
    expect([offered(federation, 'berlin'), offered(federation, 'utrecht')]).toEqual([[], []])
  })
})

async function attemptsOf(federation: TestFederation, id: string): Promise<readonly { readonly site: string }[]> {
  return JSON.parse((await federation.portolan(`tasks/${id}/attempts`)).text).attempts
}
