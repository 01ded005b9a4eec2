import { readdir, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FileServer, startFileServer } from '../../../apps/broker/src/data/file-server.fixture.ts'
import { startFederation, type TestFederation } from '../../../test/harness/federation.ts'
import { until } from '../../../test/harness/until.ts'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { type S3Server, startS3 } from '../../../test/s3/stand-in.ts'
import { openUploadJournal } from '../src/transfer/upload-journal.ts'
import { jsonLines, runHere, startPortolan } from './portolan.ts'
import { type Folder, makeFolder } from './temporary.ts'

const MIB = 2 ** 20
const KEY = { accessKey: makeSecret('put-access'), secretKey: makeSecret('put-secret'), reader: 'broker' }
/** No two parts are alike. */
const pattern = (bytes: number): string => Buffer.alloc(bytes, 'The quick brown fox jumps over 13 lazy dogs. ').toString()

let s3: S3Server
let web: FileServer
let federation: TestFederation | undefined
let folder: Folder

beforeEach(async () => {
  s3 = await startS3({ buckets: ['work'], keys: [KEY] })
  web = await startFileServer()
  folder = await makeFolder()
})
afterEach(async () => {
  await federation?.[Symbol.asyncDispose]()
  federation = undefined
  await folder[Symbol.asyncDispose]()
  await web[Symbol.asyncDispose]()
  await s3[Symbol.asyncDispose]()
})

type Kind = 'direct' | 'relay' | 'web'

/** A broker whose project has its uploads at a bucket, by links or through the broker, or at an HTTP data server. */
async function open(kind: Kind): Promise<void> {
  const credential = { kind: 's3', accessKeyRef: 'env:ACCESS', secretKeyRef: 'env:SECRET' }
  const location =
    kind === 'web'
      ? { id: 'web', kind: 'http', prefixes: [{ url: `${web.origin}/up/`, sensitivity: 'public' }] }
      : {
          id: 'store',
          kind: 's3',
          endpoint: s3.origin,
          delivery: kind,
          credential,
          prefixes: [{ url: 's3://work/', sensitivity: 'public' }],
        }
  federation = await startFederation({
    sites: [],
    locations: [{ country: 'DE', ...location }],
    projects: [{ id: 'local', name: 'Local', members: [], uploads: kind === 'web' ? `${web.origin}/up/` : 's3://work/uploads/' }],
    env: { ACCESS: KEY.accessKey, SECRET: KEY.secretKey },
  })
}

const make = async (name: string, content: string): Promise<string> => {
  await writeFile(join(folder.path, name), content)
  return name
}
const urlOf = (): string => federation?.url() ?? ''
const argsOf = (...args: string[]) => ['data', 'put', ...args, '--url', urlOf()]
const put = (...args: string[]) => runHere(argsOf(...args), { cwd: folder.path })
const keyOf = (url: unknown): string => String(url).replace('s3://work/', '').trim()
const contentAt = (url: unknown): Promise<string> => s3.bucket('work').text(keyOf(url))
const firstLine = (text: string): string | undefined => text.split('\n')[0]
const sentParts = (): number => s3.requests.filter(({ operation, status }) => operation === 'UploadPart' && status === 200).length
const left = () => readdir(folder.path)

describe('data put', () => {
  it.each<Kind>(['direct', 'relay'])('sends a file in parts and says how tasks name it (%s)', async kind => {
    await open(kind)
    const content = pattern(20 * MIB)
    await make('reads.fastq', content)
    const { code, stdout, stderr } = await put('reads.fastq', '--project', 'local')
    expect([code, stderr, stdout]).toEqual([0, '', expect.stringMatching(/^s3:\/\/work\/uploads\/[\w-]{12}\/reads\.fastq\n$/)])
    expect((await contentAt(stdout)) === content).toBe(true)
    expect(sentParts()).toBe(2)
    expect(await left()).toEqual(['reads.fastq'])
    expect(s3.requests.filter(({ operation }) => operation === 'UploadPart').every(({ presigned }) => presigned === true)).toBe(
      kind === 'direct',
    )
  })

  it('sends a file whole to an HTTP data server, an empty one too', async () => {
    await open('web')
    await make('a b.txt', 'alpha')
    await make('empty', '')
    expect((await put('a b.txt', 'empty')).code).toBe(0)
    expect([...web.files].map(([path, bytes]) => [path.split('/').at(-1), Buffer.from(bytes).toString()])).toEqual([
      ['a b.txt', 'alpha'],
      ['empty', ''],
    ])
  })

  it.each<Kind>(['direct', 'relay'])('killed in the middle, goes on with the parts that are missing (%s)', async kind => {
    await open(kind)
    const content = pattern(40 * MIB)
    await make('a', content)
    s3.faults.add({ kind: 'hold' }, { operation: 'UploadPart', after: 1 })
    const { child, ended } = startPortolan(argsOf('a', '--parallel', '1'), { cwd: folder.path })
    await until('the first part is there', () => sentParts() === 1)
    child.kill('SIGKILL')
    await ended
    expect(await left()).toEqual([expect.stringMatching(/^\.portolan-put-[0-9a-f]{24}$/), 'a'])
    s3.faults.clear()
    const { code, stdout } = await put('a', '--json')
    const [done] = jsonLines(stdout)
    expect([code, done?.bytes, done?.sent]).toEqual([0, 40 * MIB, 24 * MIB])
    expect((await contentAt(done?.url)) === content).toBe(true)
    expect(await left()).toEqual(['a'])
  })

  it('sends a part again that was lost on its way', async () => {
    await open('direct')
    const content = pattern(17 * MIB)
    await make('a', content)
    s3.faults.add({ kind: 'cut', afterBytes: 0 }, { operation: 'UploadPart', times: 1 })
    s3.faults.add({ kind: 'refuse', status: 503, code: 'SlowDown' }, { operation: 'UploadPart', times: 1 })
    const { code, stdout, stderr } = await put('a')
    expect([code, stderr]).toEqual([0, ''])
    expect((await contentAt(stdout)) === content).toBe(true)
  })

  it('begins anew with a file that has changed since', async () => {
    await open('direct')
    await make('a', pattern(17 * MIB))
    s3.faults.add({ kind: 'refuse', status: 400, code: 'InvalidRequest' }, { operation: 'UploadPart', after: 1 })
    expect((await put('a', '--parallel', '1')).code).toBe(1)
    s3.faults.clear()
    await make('a', 'another')
    const { code, stdout } = await put('a')
    expect([code, await contentAt(stdout)]).toEqual([0, 'another'])
  })

  it('gives up a file that changes while it is sent', async () => {
    await open('direct')
    await make('a', pattern(17 * MIB))
    s3.faults.add({ kind: 'hold' }, { operation: 'UploadPart' })
    const running = put('a')
    await until('the upload is begun', async () => (await left()).length === 2)
    await truncate(join(folder.path, 'a'), 5)
    await utimes(join(folder.path, 'a'), 1, 1)
    s3.faults.clear()
    const { code, stderr } = await running
    expect([code, firstLine(stderr)]).toEqual([1, 'portolan: a: It has changed while it was sent, and was given up'])
    expect([...s3.bucket('work').objects.keys()]).toEqual([])
    expect(s3.bucket('work').uploads.size).toBe(0)
    expect(await left()).toEqual(['a'])
  })

  it('finds an upload completed whose answer it did not hear', async () => {
    await open('relay')
    await make('a', 'alpha')
    const ask = async (method: string, path: string, body?: string) => {
      const headers = { 'content-type': path.includes('/parts/') ? 'application/octet-stream' : 'application/json' }
      return await (await fetch(`${urlOf()}/portolan/v1/uploads${path}`, { method, headers, ...(body && { body }) })).json()
    }
    const { id, url } = await ask('POST', '', JSON.stringify({ name: 'a', bytes: 5 }))
    await ask('PUT', `/${id}/parts/1`, 'alpha')
    await ask('POST', `/${id}/complete`)
    const file = join(folder.path, 'a')
    const { mtimeNs } = await stat(file, { bigint: true })
    await openUploadJournal(file, [urlOf(), '', 'a', false]).write({ bytes: 5, modified: String(mtimeNs) }, id)
    const { code, stdout, stderr } = await put('a')
    expect([code, stdout, stderr]).toEqual([0, `${url}\n`, 'a: 5 B were there already\n'])
    expect(await left()).toEqual(['a'])
  })

  it('leaves what is there, unless it is to give way', async () => {
    await open('direct')
    await make('a', 'mine')
    const { stdout: url } = await put('a')
    await make('a', 'other')
    const { code, stdout, stderr } = await put('a')
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/^portolan: a: Something has its name there already .*\n.*--replace/),
    ])
    expect(await contentAt(url)).toBe('mine')
    expect((await put('a', '--replace')).stdout).toBe(url)
    expect(await contentAt(url)).toBe('other')
    const elsewhere = await put('a', '--as', 'deep/b')
    expect(keyOf(elsewhere.stdout)).toMatch(/\/deep\/b$/)
  })

  it('sends the others where one cannot be sent, in the order of the files', async () => {
    await open('direct')
    await make('a', 'a')
    await make('b', 'b')
    const { code, stdout, stderr } = await put('a', 'nowhere', '.', 'b', '--as', 'x/')
    expect([code, stdout.split('\n').map(url => url.split('/').slice(-2).join('/'))]).toEqual([2, ['x/a', 'x/b', '']])
    expect(stderr.split('\n').filter(line => line.startsWith('portolan: '))).toEqual([
      'portolan: nowhere: It cannot be read (ENOENT)',
      'portolan: .: It is no file',
    ])
  })

  it('refuses a project that one is not in, a name that climbs, and names that cannot all be', async () => {
    await open('direct')
    await make('a', 'a')
    await make('b', 'b')
    const refusals = [
      { args: ['a', '--project', 'none'], exit: 5, says: 'a: ' },
      { args: ['a', '--as', '../b'], exit: 2, says: 'a: ' },
      { args: ['a', 'b', '--as', 'c'], exit: 2, says: '--as is given for several files' },
      { args: ['a', './a'], exit: 2, says: 'Two files would be called a' },
    ]
    for (const { args, exit, says } of refusals) {
      const { code, stdout, stderr } = await put(...args)
      expect([code, stdout, firstLine(stderr)]).toEqual([exit, '', expect.stringContaining(`portolan: ${says}`)])
    }
    expect(s3.bucket('work').objects.size).toBe(0)
  })
})
