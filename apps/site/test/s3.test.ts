import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { TesTask } from '@portolan/tes'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { type S3Server, startS3 } from '../../../test/s3/stand-in.ts'
import { openBuckets } from '../src/s3/open-buckets.ts'
import type { SiteOptions } from '../src/site.ts'
import { serve } from './serve.ts'
import { shell, startTestSite, type TestSite } from './start-site.ts'

const KEY = { accessKey: makeSecret('access-of-berlin'), secretKey: makeSecret('secret-of-berlin') }
const BROKER = { reader: 'broker', accessKey: makeSecret('access-of-broker'), secretKey: makeSecret('secret-of-broker') }
const LARGE = 40_000_000

let server: S3Server
beforeAll(async () => {
  const keys = [{ ...KEY, reader: 'berlin', buckets: ['genomes', 'results', 'gone'] }, BROKER]
  server = await startS3({ buckets: ['genomes', 'results', 'foreign'], keys, region: 'eu-central-1' })
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => {
  server.faults.clear()
  server.requests.length = 0
})

/** What gives a site the stand-in. */
function s3Options(more: Partial<SiteOptions> = {}): Partial<SiteOptions> {
  const buckets = { genomes: server.origin, results: server.origin, foreign: server.origin, gone: server.origin }
  return { s3: { [server.origin]: KEY }, buckets, s3Region: 'eu-central-1', limits: { graceMs: 0, idleMs: 5_000 }, ...more }
}

/** Who did what, without presigning's words. */
function told(): string[] {
  return server.requests.map(({ reader, operation, path, status, bytes }) => `${reader} ${operation} ${path} ${status} ${bytes}`)
}

/** Runs the task at a site of its own and gives the state and what the site says of it. */
async function run(task: Partial<TesTask>, options: Partial<SiteOptions> = s3Options()): Promise<{ state: string; notes: string }> {
  await using test = await startTestSite(options)
  const { state, logs } = await test.run({ executors: [shell('true')], ...task })
  return { state: state ?? '', notes: logs?.[0]?.system_logs?.join('\n') ?? '' }
}

describe('a site with a key of its own at an S3 server', () => {
  it('takes files and directories from there, and stores what comes out', async () => {
    const genomes = server.bucket('genomes')
    const reads = randomBytes(300_000)
    await genomes.put('odd/a ä+%20.fq', reads)
    for (const key of ['all/', 'all/b', 'all/deep/c', 'all-not/d']) await genomes.put(key, key.slice(4))
    await using test = await startTestSite(s3Options())
    const task = await test.run({
      inputs: [
        { path: '/in/x', url: 's3://genomes/odd/a ä+%20.fq' },
        { path: '/in/all', url: 's3://genomes/all', type: 'DIRECTORY' },
      ],
      outputs: [
        { path: '/out/sum', url: 's3://results/one task/sum' },
        { path: '/out/tree', url: 's3://results/tree/', type: 'DIRECTORY' },
        { path: '/out/e*', path_prefix: '/out', url: 's3://results/found' },
      ],
      executors: [
        shell('md5sum < "$1" > "$2/sum"; mkdir -p "$2/tree/q"; cp -r "$3" "$2/tree/q/a b"; : > "$2/empty"', '/in/x', '/out', '/in/all'),
      ],
    })
    expect([task.state, task.logs?.[0]?.system_logs]).toEqual(['COMPLETE', []])
    const results = server.bucket('results')
    expect(await results.text('one task/sum')).toContain(createHash('md5').update(reads).digest('hex'))
    expect([...results.objects.keys()].sort()).toEqual(['found/empty', 'one task/sum', 'tree/q/a b/b', 'tree/q/a b/deep/c'])
    expect(task.logs?.[0]?.outputs.map(({ url, size_bytes }) => `${url} ${size_bytes}`)).toContain('s3://results/tree/q/a b/deep/c 6')
    expect(told()).toEqual([
      'berlin GetObject /genomes/odd/a ä+%20.fq 200 300000',
      'berlin ListObjectsV2 /genomes/ 200 0',
      'berlin GetObject /genomes/all/b 200 1',
      'berlin GetObject /genomes/all/deep/c 200 6',
      expect.stringMatching(/^berlin PutObject \/results\/one task\/sum 200 [0-9]+$/),
      'berlin PutObject /results/tree/q/a b/b 200 1',
      'berlin PutObject /results/tree/q/a b/deep/c 200 6',
      'berlin PutObject /results/found/empty 200 0',
    ])
  })

  it('goes on where a transfer stopped, with a new signature', async () => {
    await server.bucket('genomes').put('large', { zeros: 3_000_000 })
    server.faults.add({ kind: 'cut', afterBytes: 1_000_000 }, { key: 'large', times: 1 })
    expect(await run({ inputs: [{ path: '/in/x', url: 's3://genomes/large' }] })).toEqual({ state: 'COMPLETE', notes: '' })
    expect(told()).toEqual([
      'berlin GetObject /genomes/large 200 1000000',
      expect.stringMatching(/^berlin GetObject \/genomes\/large 206 2[0-9]{6}$/),
    ])
  })

  it('says in service-info which buckets it takes', async () => {
    await using test = await startTestSite(s3Options())
    const { storage } = await test.client.getServiceInfo()
    expect(storage).toContain('s3://genomes/')
  })

  it('opens a link that somebody else has made without its own key, and shows nothing of it', async () => {
    await server.bucket('foreign').put('linked', 'by a link')
    const credentials = { accessKeyId: BROKER.accessKey, secretAccessKey: BROKER.secretKey }
    const client = new S3Client({ endpoint: server.origin, region: 'eu-central-1', credentials, forcePathStyle: true })
    const link = async (Key: string) => await getSignedUrl(client, new GetObjectCommand({ Bucket: 'foreign', Key }))
    expect(await run({ inputs: [{ path: '/in/x', url: await link('linked') }] })).toEqual({ state: 'COMPLETE', notes: '' })
    expect(told()).toEqual(['broker GetObject /foreign/linked 200 9'])
    const { notes } = await run({ inputs: [{ path: '/in/x', url: await link('none') }] })
    expect(notes).toContain(`the input /in/x: ${server.at('foreign')}/none answered 404`)
    expect(notes).not.toContain('X-Amz')
    client.destroy()
  })

  it('gives its key to no other server', async () => {
    const seen: string[] = []
    await using other = await serve((request, response) => {
      seen.push(request.url ?? '')
      response.end('x')
    })
    await server.bucket('genomes').put('x', 'x')
    server.faults.add({ kind: 'redirect', to: `${other.origin}/x` })
    const { state, notes } = await run({ inputs: [{ path: '/in/x', url: 's3://genomes/x' }] })
    expect([state, seen]).toEqual(['SYSTEM_ERROR', []])
    expect(notes).toContain('s3://genomes/x answered 307: the bucket genomes lies elsewhere')
  })
})

describe('a large output', () => {
  let folder: string
  let test: TestSite
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portolan-s3-'))
    await writeFile(join(folder, 'large'), randomBytes(LARGE))
    test = await startTestSite(s3Options())
  })
  afterAll(async () => {
    await test[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })
  afterEach(() => expect(server.bucket('results').uploads.size).toBe(0))

  const store = (name: string): Partial<TesTask> => ({
    outputs: [{ path: '/out/x', url: `s3://results/${name}` }],
    executors: [shell('cp "$1" "$2"', join(folder, 'large'), '/out/x')],
  })
  const parts = () => server.requests.filter(({ operation }) => operation === 'UploadPart').map(({ status, bytes }) => `${status} ${bytes}`)

  it('goes in parts, of which one that does not arrive is sent again', async () => {
    server.faults.add({ kind: 'refuse', status: 503, code: 'SlowDown' }, { operation: 'UploadPart', times: 1 })
    const { state, logs } = await test.run(store('whole'))
    expect([state, logs?.[0]?.system_logs]).toEqual(['COMPLETE', []])
    expect(parts()).toEqual(['503 0', '200 16777216', '200 16777216', `200 ${LARGE - 2 * 16_777_216}`])
    expect(server.bucket('results').objects.get('whole')).toMatchObject({ bytes: (await stat(join(folder, 'large'))).size })
  })

  it('that cannot be put together leaves nothing there', async () => {
    server.faults.add({ kind: 'refuse', status: 403, code: 'AccessDenied' }, { operation: 'CompleteMultipartUpload' })
    const { state, logs } = await test.run(store('never'))
    expect(state).toBe('SYSTEM_ERROR')
    expect(logs?.[0]?.system_logs?.join()).toContain(
      `the output /out/x: s3://results/never answered 403 (AccessDenied): the key that this site has there (--s3 ${server.origin}) does not open it`,
    )
    expect(server.bucket('results').objects.has('never')).toBe(false)
  })

  it('of a task that is cancelled leaves nothing there', async () => {
    server.faults.add({ kind: 'hold' }, { operation: 'UploadPart' })
    const id = await test.submit(store('cancelled'))
    await expect.poll(() => server.bucket('results').uploads.size, { timeout: 20_000 }).toBe(1)
    await test.client.cancelTask(id)
    expect((await test.client.waitForTask(id)).state).toBe('CANCELED')
  })
})

describe('what cannot be staged says why, and what to do', () => {
  const input = (url: string, more = {}): Partial<TesTask> => ({ inputs: [{ path: '/in/x', url, ...more }] })
  const output = (url: string): Partial<TesTask> => ({ outputs: [{ path: '/out/x', url }], executors: [shell('echo x > "$1"', '/out/x')] })
  const rows: [what: string, task: Partial<TesTask>, said: string][] = [
    ['an object that is not there', input('s3://genomes/none'), 's3://genomes/none answered 404: nothing is there'],
    ['a directory that is not there', input('s3://genomes/none', { type: 'DIRECTORY' }), 'nothing lies below s3://genomes/none'],
    ['a bucket that is not there', input('s3://gone/x', { type: 'DIRECTORY' }), 'there is no bucket gone at http://127.0.0.1:'],
    ['a bucket that nobody declared', input('s3://secret/x'), 'its operator can declare it with --bucket secret=ORIGIN'],
    ['a bucket that its key does not open', input('s3://foreign/x'), 's3://foreign/x answered 403: the key that this site has there'],
    ['a result in such a bucket', output('s3://foreign/x'), 's3://foreign/x answered 403 (AccessDenied): the key that this site has there'],
    ['a directory declared as a file', input('s3://genomes/all/'), 'names no object: name one, or declare the type DIRECTORY'],
    ['a result without a name', output('s3://results/new/'), 'names no object: end it in the name of one'],
    ['a key that climbs', input('s3://genomes/a/../b'), 'has a part of its key that is empty, "." or ".."'],
    ['a query', input('s3://genomes/a?versionId=1'), 'holds ? or #, which some readers take for the end of the key'],
    ['an empty part of a key', input('s3://genomes/a//b'), 'has a part of its key that is empty'],
    ['no bucket', input('s3:///x'), 'write s3://BUCKET/KEY'],
  ]
  for (const [what, task, said] of rows) {
    it(what, async () => {
      const { state, notes } = await run(task)
      expect(state).toBe('SYSTEM_ERROR')
      expect(notes).toContain(said)
    })
  }

  it('a site without S3', async () => {
    expect((await run(input('s3://genomes/x'), {})).notes).toContain('s3:// is not a scheme of this site')
  })

  it('a wrong secret, which is not told', async () => {
    const guess = makeSecret('guess')
    const options = s3Options({ s3: { [server.origin]: { ...KEY, secretKey: guess } } })
    for (const task of [input('s3://genomes/x'), input('s3://genomes/x', { type: 'DIRECTORY' }), output('s3://results/x')]) {
      const { notes } = await run(task, options)
      expect(notes).toMatch(/answered 403.*or is wrong: ask the operator of the site/)
      expect(notes).not.toContain(guess)
    }
  })

  it('a wrong region', async () => {
    for (const task of [input('s3://genomes/x'), output('s3://results/x')])
      expect((await run(task, s3Options({ s3Region: 'us-east-1' }))).notes).toContain('must name the region of the server with --s3-region')
  })

  it('a server that is ill, after four tries', async () => {
    server.faults.add({ kind: 'refuse', status: 500, code: 'InternalError' })
    const { notes } = await run(input('s3://genomes/x', { type: 'DIRECTORY' }))
    expect(notes).toContain('s3://genomes/x answered 500 (InternalError): submit the task again when the server is well')
    expect(server.requests).toHaveLength(4)
  })

  it('a server that does not listen', async () => {
    const origin = 'http://127.0.0.1:9'
    const options = s3Options({ s3: { [origin]: KEY }, buckets: { genomes: origin } })
    expect((await run(input('s3://genomes/x', { type: 'DIRECTORY' }), options)).notes).toContain('no server listens there')
  })

  it('a key that no file can have', async () => {
    await server.bucket('genomes').put('odd-keys/a//b', 'x')
    const { notes } = await run(input('s3://genomes/odd-keys/', { type: 'DIRECTORY' }))
    expect(notes).toContain('s3://genomes/odd-keys/a//b cannot be a file')
  })
})

it('a site without S3 does not load the SDK of AWS', async () => {
  const source = (path: string) => JSON.stringify(new URL(`../src/${path}`, import.meta.url).href)
  const script = `import { createRequire } from 'node:module'
    const count = () => Object.keys(createRequire(import.meta.url).cache).filter(path => path.includes('@aws-sdk')).length > 0
    await import(${source('site.ts')})
    const before = count()
    await import(${source('s3/open-buckets.ts')})
    console.log(before, count())`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname })
  expect(stdout.trim()).toBe('false true')
})

it('a list is read page by page', async () => {
  for (let n = 0; n < 1_001; n++) await server.bucket('genomes').put(`many/${n}`, '')
  const limits = { origins: new Map([[server.origin, undefined]]), connectMs: 5_000, idleMs: 5_000 }
  const buckets = openBuckets({ servers: { [server.origin]: KEY }, buckets: { genomes: server.origin }, region: 'eu-central-1' }, limits)
  const names = new Set<string>()
  for await (const { segments } of buckets.list({ url: 's3://genomes/many', bucket: 'genomes', key: 'many' }, AbortSignal.timeout(20_000)))
    names.add(segments.join('/'))
  expect([names.size, server.requests.length]).toEqual([1_001, 2])
})
