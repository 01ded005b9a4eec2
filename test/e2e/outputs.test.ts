/**
 * What tasks have left in a bucket, from outside: measured before the end is shown, and fetched by a link that opens one object.
 */
import type { TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { OutputLink, OutputList } from '../../apps/broker/src/api/data-schemas.ts'
import { startFederation, type TestFederation } from '../harness/federation.ts'
import { fakeSite } from '../harness/sites.ts'
import { until } from '../harness/until.ts'
import { makeSecret } from '../leaks/secrets.ts'
import { type S3Server, startS3 } from '../s3/stand-in.ts'

const BROKER = { accessKey: makeSecret('outputs-access'), secretKey: makeSecret('outputs-secret'), reader: 'broker' }
const SIGNED = /X-Amz-(?:Signature|Credential)/i

interface Choices {
  readonly tracking?: Readonly<Record<string, number>>
  /** Further keys of the location, as they are when the broker starts. */
  readonly more?: () => object
}

const federate = (s3: S3Server, { tracking = {}, more = () => ({}) }: Choices = {}): Promise<TestFederation> =>
  startFederation({
    sites: [fakeSite('berlin', {}, { progress: 'manual' })],
    locations: () => [
      {
        id: 'results',
        country: 'DE',
        kind: 's3',
        endpoint: s3.origin,
        credential: { kind: 's3', accessKeyRef: 'env:ACCESS', secretKeyRef: 'env:SECRET' },
        prefixes: [{ url: 's3://results/', sensitivity: 'public', outputs: true }],
        ...more(),
      },
    ],
    env: { ACCESS: BROKER.accessKey, SECRET: BROKER.secretKey },
    tracking,
  })

const OUTPUTS: NonNullable<TesTask['outputs']> = [
  { url: 's3://results/one/report.txt', path: '/out/report.txt' },
  { url: 's3://results/one/tables', path: '/out/*.tsv', path_prefix: '/out' },
]

async function submit(federation: TestFederation, outputs = OUTPUTS): Promise<string> {
  const id = await federation.submit({ outputs })
  await until('the site has it', () => federation.fake('berlin').tasks.size === 1)
  return id
}

async function finish(federation: TestFederation, id: string) {
  federation.fake('berlin').advance(3)
  return await until('its end', async () => {
    const task = await federation.full(id)
    return task.state === 'COMPLETE' && task
  })
}

async function listOutputs(federation: TestFederation, id: string): Promise<OutputList> {
  return OutputList.parse(JSON.parse((await federation.portolan(`tasks/${id}/outputs`)).text))
}

describe('what a task has left in a bucket', () => {
  it('is there with the end, file by file, and is had by a link that needs no credential and is seen nowhere else', async () => {
    await using s3 = await startS3({ buckets: ['results'], keys: [BROKER] })
    await using federation = await federate(s3)
    const id = await submit(federation)
    await s3.bucket('results').put('one/report.txt', 'the report')
    await s3.bucket('results').put('one/tables/a b.tsv', '1\t2')
    await s3.bucket('results').put('one/tables/old.tsv', 'of last year', Date.now() - 86_400_000)
    await s3.bucket('results').put('one/tables/note.txt', 'nothing that was declared')
    await s3.bucket('results').put('two/other.tsv', 'of another task')
    const task = await finish(federation, id)
    expect(task.logs?.[0]?.outputs).toEqual([
      { url: 's3://results/one/report.txt', path: '/out/report.txt', size_bytes: '10' },
      { url: 's3://results/one/tables/a b.tsv', path: '/out/a b.tsv', size_bytes: '3' },
    ])
    expect(task.logs?.[0]?.system_logs).toContain(
      'Output /out/*.tsv: one file at s3://results/one/tables is older than this task, and so left out.',
    )
    const { outputs, measured } = await listOutputs(federation, id)
    expect([measured, outputs.map(({ delivery }) => delivery)]).toEqual([true, ['direct', 'direct']])
    const asked = await fetch(`${federation.url()}/portolan/v1/tasks/${id}/outputs/1/link`, { method: 'POST' })
    const link = OutputLink.parse(await asked.json())
    expect([asked.status, link.relayed, asked.headers.get('cache-control')]).toEqual([201, false, 'no-store'])
    expect(await (await fetch(link.url)).text()).toBe('1\t2')
    expect((await fetch(link.url.replace('a%20b', 'old'))).status).toBe(403)
    const seen = await Promise.all(['outputs', 'attempts', 'events', 'placement'].map(view => federation.portolan(`tasks/${id}/${view}`)))
    expect(JSON.stringify([task, seen, federation.logged])).not.toMatch(SIGNED)
  })

  it('does not keep the end from being shown when the store is silent, and changes nothing when it speaks again', async () => {
    await using s3 = await startS3({ buckets: ['results'], keys: [BROKER] })
    await using federation = await federate(s3, { tracking: { measureSeconds: 1 } })
    const id = await submit(federation)
    await s3.bucket('results').put('one/report.txt', 'the report')
    s3.faults.add({ kind: 'hold' })
    const task = await finish(federation, id)
    expect([task.logs?.[0]?.outputs, (await listOutputs(federation, id)).outputs]).toEqual([[], []])
    expect(task.logs?.[0]?.system_logs).toContain(
      'Output /out/report.txt: what lies at s3://results/one/report.txt could not be measured (its store did not answer in time), so it is left out.',
    )
    s3.faults.clear()
    await federation.settle()
    expect(await federation.full(id)).toEqual(task)
  })

  it.each([
    ['led elsewhere', [{ from: '/nfs/work/', to: 's3://results/new/' }]],
    ['been taken away', undefined],
  ])('is found where its paths led when it was sent, where their map has %s while it ran', async (_sentence, then) => {
    await using s3 = await startS3({ buckets: ['results'], keys: [BROKER] })
    let pathMaps: object[] | undefined = [{ from: '/nfs/work/', to: 's3://results/old/' }]
    await using federation = await federate(s3, { more: () => (pathMaps ? { pathMaps } : {}) })
    const outputs = [{ url: '/nfs/work/report.txt', path: '/out/report.txt' }]
    const id = await submit(federation, outputs)
    pathMaps = then
    await federation.restart()
    await s3.bucket('results').put('old/report.txt', 'the report')
    await s3.bucket('results').put('new/report.txt', 'of another task')
    const task = await finish(federation, id)
    expect(task.outputs).toMatchObject(outputs)
    expect(task.logs?.[0]?.outputs).toEqual([{ url: 's3://results/old/report.txt', path: '/out/report.txt', size_bytes: '10' }])
    expect((await listOutputs(federation, id)).outputs).toMatchObject([{ url: 's3://results/old/report.txt', delivery: 'direct' }])
    const link = await fetch(`${federation.url()}/portolan/v1/tasks/${id}/outputs/0/link`, { method: 'POST' })
    expect(await (await fetch(OutputLink.parse(await link.json()).url)).text()).toBe('the report')
    const drs = await fetch(`${federation.url()}/ga4gh/drs/v1/objects/${id}.0`)
    expect([drs.status, await drs.json()]).toMatchObject([200, { size: 10 }])
  })
})
