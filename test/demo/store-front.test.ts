/**
 * The front of a bucket in the demo: what is signed for it passes as it is, and each request leaves a line that says whose key asked for what.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { expect, it, onTestFinished } from 'vitest'
import { startFront } from '../../demo/src/store-front.ts'
import { makeSecret } from '../leaks/secrets.ts'
import { startS3 } from '../s3/stand-in.ts'

const BROKER = { accessKey: makeSecret('front-broker'), secretKey: makeSecret('front-broker-secret'), reader: 'broker' }
const SITE = { accessKey: makeSecret('front-site'), secretKey: makeSecret('front-site-secret'), reader: 'surf' }

const connect = (endpoint: string, { accessKey, secretKey }: typeof SITE): S3Client =>
  new S3Client({
    ...{ endpoint, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 },
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  })

it('passes on what is signed, refuses what is not, and writes down who has moved how many bytes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-front-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const logFile = join(folder, 'work', 'access.log')
  await using s3 = await startS3({ buckets: ['surf-data', 'other'], keys: [BROKER, SITE] })
  const readers = new Map([BROKER, SITE].map(({ accessKey, reader }) => [accessKey, reader]))
  await using front = await startFront({ bucket: 'surf-data', server: s3.origin, readers, logFile })
  const site = connect(front.origin, SITE)
  const broker = connect(front.origin, BROKER)
  onTestFinished(() => {
    for (const client of [site, broker]) client.destroy()
  })
  const object = { Bucket: 'surf-data', Key: 'results/a b.tsv' }

  await site.send(new PutObjectCommand({ ...object, Body: 'A\t1\n' }))
  expect(await (await site.send(new GetObjectCommand(object))).Body?.transformToString()).toBe('A\t1\n')
  await broker.send(new HeadObjectCommand(object))
  await broker.send(new ListObjectsV2Command({ Bucket: 'surf-data' }))
  const link = await getSignedUrl(broker, new GetObjectCommand(object))
  expect(await (await fetch(link)).text()).toBe('A\t1\n')
  expect((await fetch(link.replace('a%20b', 'c'))).status).toBe(403)
  expect((await fetch(`${front.origin}/surf-data/results/a%20b.tsv`)).status).toBe(403)
  expect((await fetch(`${front.origin}/other/x`)).status).toBe(404)

  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n')
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    { reader: 'surf', method: 'PUT', path: '/results/a b.tsv', status: 200, bytes: 4 },
    { reader: 'surf', method: 'GET', path: '/results/a b.tsv', status: 200, bytes: 4 },
    { reader: 'broker', method: 'HEAD', path: '/results/a b.tsv', status: 200, bytes: 0 },
    { reader: 'broker', method: 'GET', path: '/', status: 200, bytes: 0 },
    { reader: 'broker', method: 'GET', path: '/results/a b.tsv', status: 200, bytes: 4, presigned: true },
    { reader: 'broker', method: 'GET', path: '/results/c.tsv', status: 403, bytes: 0, presigned: true },
    { method: 'GET', path: '/results/a b.tsv', status: 403, bytes: 0 },
  ])
})
