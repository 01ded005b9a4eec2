import { createHash } from 'node:crypto'
import { request as requestHttp } from 'node:http'
import { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeSecret } from '../leaks/secrets.ts'
import { type S3Server, startS3 } from './stand-in.ts'

const KEYS = {
  broker: { reader: 'broker', accessKey: makeSecret('access-of-broker'), secretKey: makeSecret('secret-of-broker') },
  site: {
    reader: 'site',
    accessKey: makeSecret('access-of-site'),
    secretKey: makeSecret('secret-of-site'),
    buckets: ['genomes'],
    readOnly: true,
  },
}
const Bucket = 'genomes'

function connect(server: S3Server, { accessKey, secretKey } = KEYS.broker, region = 'eu-central-1', more: S3ClientConfig = {}): S3Client {
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey }
  return new S3Client({ endpoint: server.origin, region, credentials, forcePathStyle: true, maxAttempts: 1, ...more })
}

/** The word of S3 and the status of a refusal. */
async function refusal(asked: Promise<unknown>): Promise<string> {
  const error: unknown = await asked.then(
    () => 'not refused',
    (cause: unknown) => cause,
  )
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } }
  return `${$metadata?.httpStatusCode} ${name}`
}

describe('a stand-in for S3, spoken to by the SDK of AWS', () => {
  let server: S3Server
  let client: S3Client
  beforeAll(async () => {
    server = await startS3({ buckets: [Bucket, 'results'], keys: Object.values(KEYS), region: 'eu-central-1', minPartBytes: 10 })
    client = connect(server)
  })
  afterAll(async () => {
    client.destroy()
    await server[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    server.faults.clear()
    server.requests.length = 0
  })

  it('keeps what is put there, with a digest of the whole, and tells who asked for what', async () => {
    const Key = "odd/ä (1)+*!'~ x.bam"
    const put = await client.send(new PutObjectCommand({ Bucket, Key, Body: 'hello' }))
    expect(put.ETag).toBe(`"${createHash('md5').update('hello').digest('hex')}"`)
    const head = await client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }))
    expect(head).toMatchObject({ ContentLength: 5, ETag: put.ETag, ChecksumCRC32: 'NhCmhg==', ChecksumType: 'FULL_OBJECT' })
    const got = await client.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=1-3', IfMatch: put.ETag }))
    expect([got.ContentRange, await got.Body?.transformToString()]).toEqual(['bytes 1-3/5', 'ell'])
    const path = `/${Bucket}/${Key}`
    await expect.poll(() => server.requests.length).toBe(3)
    expect(server.requests).toEqual([
      { time: expect.any(String), reader: 'broker', operation: 'PutObject', method: 'PUT', path, status: 200, bytes: 5 },
      { time: expect.any(String), reader: 'broker', operation: 'HeadObject', method: 'HEAD', path, status: 200, bytes: 0 },
      {
        time: expect.any(String),
        reader: 'broker',
        operation: 'GetObject',
        method: 'GET',
        path,
        status: 206,
        bytes: 3,
        range: 'bytes=1-3',
      },
    ])
  })

  it('refuses what the conditions of a request exclude', async () => {
    const { etag } = await server.bucket(Bucket).put('there', 'one')
    const [read, write] = [
      (more: object) => client.send(new GetObjectCommand({ Bucket, Key: 'there', ...more })),
      (more: object) => client.send(new PutObjectCommand({ Bucket, Key: 'there', Body: 'two', ...more })),
    ]
    expect(await refusal(read({ IfMatch: '"other"' }))).toBe('412 PreconditionFailed')
    expect(await refusal(read({ IfNoneMatch: etag }))).toMatch(/^304/)
    expect(await refusal(read({ Range: 'bytes=3-' }))).toBe('416 InvalidRange')
    expect(await refusal(read({ Key: 'none' }))).toBe('404 NoSuchKey')
    expect(await refusal(read({ Bucket: 'none' }))).toBe('404 NoSuchBucket')
    expect(await refusal(write({ IfNoneMatch: '*' }))).toBe('412 PreconditionFailed')
    expect(await refusal(write({ IfMatch: '"other"' }))).toBe('412 PreconditionFailed')
    expect(await server.bucket(Bucket).text('there')).toBe('one')
    const racing = Array.from({ length: 10 }, () => refusal(write({ Key: 'race', IfNoneMatch: '*' })))
    expect((await Promise.all(racing)).filter(answer => answer !== '412 PreconditionFailed')).toHaveLength(1)
  })

  it('lets a key do what it may, and nobody else anything', async () => {
    await server.bucket('results').put('x', 'x')
    const site = connect(server, KEYS.site)
    expect(await refusal(site.send(new GetObjectCommand({ Bucket: 'results', Key: 'x' })))).toBe('403 AccessDenied')
    expect(await refusal(site.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x' })))).toBe('403 AccessDenied')
    const liar = connect(server, { ...KEYS.broker, secretKey: makeSecret('guess') })
    expect(await refusal(liar.send(new GetObjectCommand({ Bucket, Key: 'there' })))).toBe('403 SignatureDoesNotMatch')
    const stranger = connect(server, KEYS.broker, 'us-east-1')
    expect(await refusal(stranger.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x' })))).toBe('400 AuthorizationHeaderMalformed')
    expect((await fetch(`${server.at(Bucket)}/there`)).status).toBe(403)
    expect(server.requests.filter(({ status }) => status === 403).map(({ reader }) => reader)).toEqual([
      'site',
      'site',
      undefined,
      undefined,
    ])
    for (const one of [site, liar, stranger]) one.destroy()
  })

  it('does nothing where another body is signed than the one that comes', async () => {
    await server.bucket(Bucket).put('signed', 'one')
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'signed' }))
    const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key: 'signed', UploadId, PartNumber: 1, Body: 'two' }))
    const liar = connect(server)
    // What signs takes the digest that it finds.
    liar.middlewareStack.add(
      next => args => {
        const { headers } = args.request as { readonly headers: Record<string, string> }
        headers['x-amz-content-sha256'] = createHash('sha256').update('another').digest('hex')
        return next(args)
      },
      { step: 'build', priority: 'low' },
    )
    const upload = { Bucket, Key: 'signed', UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }
    const asked = [
      liar.send(new GetObjectCommand({ Bucket, Key: 'signed' })),
      liar.send(new ListObjectsV2Command({ Bucket })),
      liar.send(new DeleteObjectCommand({ Bucket, Key: 'signed' })),
      liar.send(new CreateMultipartUploadCommand({ Bucket, Key: 'signed' })),
      liar.send(new CompleteMultipartUploadCommand(upload)),
      liar.send(new AbortMultipartUploadCommand({ Bucket, Key: 'signed', UploadId })),
    ]
    expect(new Set(await Promise.all(asked.map(refusal)))).toEqual(new Set(['400 XAmzContentSHA256Mismatch']))
    liar.destroy()
    expect([await server.bucket(Bucket).text('signed'), server.bucket(Bucket).uploads.size]).toEqual(['one', 1])
    await client.send(new CompleteMultipartUploadCommand(upload))
    expect(await server.bucket(Bucket).text('signed')).toBe('two')
  })

  it('takes keys of 1,024 bytes, and no longer ones', async () => {
    const put = (Key: string) => client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
    expect((await put('ü'.repeat(512))).ETag).toBeDefined()
    expect(await refusal(put(`${'ü'.repeat(512)}x`))).toBe('400 KeyTooLongError')
    expect(await refusal(client.send(new GetObjectCommand({ Bucket, Key: 'x'.repeat(1_025) })))).toBe('400 KeyTooLongError')
  })

  it('takes a body in chunks, with its digest behind it', async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'chunked', Body: Readable.from(['hel', 'lo']), ContentLength: 5 }))
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'chunked', ChecksumMode: 'ENABLED' }))
    expect([head.ChecksumCRC32, await server.bucket(Bucket).text('chunked')]).toEqual(['NhCmhg==', 'hello'])
  })

  it('lists keys in the order of their bytes, page by page, with folders collapsed', async () => {
    const bucket = server.bucket('results')
    bucket.objects.clear()
    for (const key of ['b/2', 'a', 'b/1', 'b/deep/x', 'c', 'ä&<b>']) await bucket.put(key, key)
    const list = (more: object) => client.send(new ListObjectsV2Command({ Bucket: 'results', ...more }))
    const all: (string | undefined)[] = []
    let token: string | undefined
    do {
      const page = await list({ MaxKeys: 4, ContinuationToken: token })
      all.push(...(page.Contents ?? []).map(({ Key, Size }) => `${Key} ${Size}`))
      token = page.NextContinuationToken
    } while (token !== undefined)
    expect(all).toEqual(['a 1', 'b/1 3', 'b/2 3', 'b/deep/x 8', 'c 1', 'ä&<b> 6'])
    const below = await list({ Prefix: 'b/', StartAfter: 'b/1' })
    expect(below.Contents?.map(({ Key }) => Key)).toEqual(['b/2', 'b/deep/x'])
    const first = await list({ Delimiter: '/', MaxKeys: 2 })
    const rest = await list({ Delimiter: '/', ContinuationToken: first.NextContinuationToken })
    expect([first.Contents?.map(({ Key }) => Key), first.CommonPrefixes]).toEqual([['a'], [{ Prefix: 'b/' }]])
    expect([rest.Contents?.map(({ Key }) => Key), rest.CommonPrefixes]).toEqual([['c', 'ä&<b>'], undefined])
  })

  it('puts an object together from parts, which it tells of meanwhile', async () => {
    const Key = 'parts'
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))
    const upload = { Bucket, Key, UploadId }
    const parts: { PartNumber: number; ETag: string | undefined }[] = []
    for (const [PartNumber, Body] of [
      [1, 'a'.repeat(10)],
      [2, 'small'],
      [3, 'end'],
    ] as const) {
      const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body }))
      parts.push({ PartNumber, ETag })
    }
    const listed = await client.send(new ListPartsCommand({ ...upload, MaxParts: 2 }))
    expect([listed.IsTruncated, listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])]).toEqual([
      true,
      [
        [1, 10],
        [2, 5],
      ],
    ])
    const complete = (Parts: object[], more = {}) =>
      client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, ...more }))
    expect(await refusal(complete(parts))).toBe('400 EntityTooSmall')
    expect(await refusal(complete(parts.slice(0, 2).reverse()))).toBe('400 InvalidPartOrder')
    expect(await refusal(complete([{ PartNumber: 1, ETag: '"x"' }]))).toBe('400 InvalidPart')
    await server.bucket(Bucket).put(Key, 'in the way')
    expect(await refusal(complete(parts.slice(0, 2), { IfNoneMatch: '*' }))).toBe('412 PreconditionFailed')
    const { ETag } = await complete(parts.slice(0, 2))
    expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/)
    const got = await client.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=8-11' }))
    expect(await got.Body?.transformToString()).toBe('aasm')
    expect(await refusal(client.send(new AbortMultipartUploadCommand(upload)))).toBe('404 NoSuchUpload')
    expect(server.bucket(Bucket).uploads.size).toBe(0)
  })

  it('opens to a link, and to no other use of it', async () => {
    await server.bucket(Bucket).put('linked', 'content')
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'linked' }), { expiresIn: 60 })
    expect(await (await fetch(url, { headers: { Range: 'bytes=3-' } })).text()).toBe('tent')
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(403)
    expect((await fetch(url.replace('linked', 'there'))).status).toBe(403)
    // Else the link would want the digest of an empty body.
    const plain = connect(server, KEYS.broker, 'eu-central-1', { requestChecksumCalculation: 'WHEN_REQUIRED' })
    const target = await getSignedUrl(plain, new PutObjectCommand({ Bucket, Key: 'written' }), { expiresIn: 60 })
    expect((await fetch(target, { method: 'PUT', body: 'by a link' })).status).toBe(200)
    expect(await server.bucket(Bucket).text('written')).toBe('by a link')
    expect(server.requests.every(({ presigned }) => presigned)).toBe(true)
    plain.destroy()
  })

  it('fails in the ways that are asked of it', async () => {
    await server.bucket(Bucket).put('large', { zeros: 3_000_000 })
    const get = () => client.send(new GetObjectCommand({ Bucket, Key: 'large' }))
    server.faults.add({ kind: 'refuse', status: 503, code: 'SlowDown' }, { operation: 'GetObject', times: 1 })
    expect(await refusal(get())).toBe('503 SlowDown')
    server.faults.add({ kind: 'cut', afterBytes: 1_000_000 }, { key: 'large', times: 1 })
    const cut = await get()
    await expect(cut.Body?.transformToByteArray()).rejects.toThrow()
    await expect.poll(() => server.requests.at(-1)).toMatchObject({ status: 200, bytes: 1_000_000, aborted: true })
    server.faults.add({ kind: 'cut', afterBytes: 0 }, { times: 1 })
    expect(await refusal(get())).toMatch(/^undefined/)
    server.faults.add({ kind: 'redirect', to: 'http://127.0.0.1:1/' }, { times: 1 })
    expect(await refusal(get())).toMatch(/^307/)
    server.faults.add({ kind: 'hold' })
    const held = get()
    await expect.poll(() => server.mostAtOnce).toBeGreaterThan(0)
    server.faults.clear()
    expect((await (await held).Body?.transformToByteArray())?.length).toBe(3_000_000)
  })
})

it('finds the bucket in the host name where it is told to', async () => {
  await using server = await startS3({ buckets: [Bucket], keys: [KEYS.broker], addressing: 'virtual' })
  await server.bucket(Bucket).put('a b/c', 'virtual')
  const credentials = { accessKeyId: KEYS.broker.accessKey, secretAccessKey: KEYS.broker.secretKey }
  const client = new S3Client({ endpoint: server.origin, region: 'us-east-1', credentials })
  const url = new URL(await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'a b/c' })))
  expect(url.href.startsWith(`${server.at(Bucket)}/a%20b/c?`)).toBe(true)
  const ask = (host: string) =>
    new Promise<string>((resolve, reject) => {
      requestHttp({ host: '127.0.0.1', port: url.port, path: url.pathname + url.search, headers: { Host: host } }, answer => {
        let text = ''
        answer.on('data', (chunk: Buffer) => (text += chunk.toString())).once('end', () => resolve(`${answer.statusCode} ${text}`))
      })
        .once('error', reject)
        .end()
    })
  expect(await ask(url.host)).toBe('200 virtual')
  expect(await ask(`127.0.0.1:${url.port}`)).toMatch(/^403 .*SignatureDoesNotMatch/s)
  client.destroy()
})
