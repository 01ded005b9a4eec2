/**
 * What a real S3 server makes of signatures, ours and others: the promises that links and keys rest upon.
 */
import assert from 'node:assert/strict'
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client, type S3ServiceException } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { ServerKey } from './s3-server.ts'

const LIFE_S = 60
const HOUR_MS = 3_600_000
const ASK_MS = 10_000

export function connectS3(origin: string, { accessKey, secretKey }: ServerKey): S3Client {
  return new S3Client({
    ...{ endpoint: origin, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 },
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    // A link for a PUT would else want the digest of an empty body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
}

export async function checkSignatures(origin: string, key: ServerKey, bucket: string): Promise<void> {
  const client = connectS3(origin, key)
  const Key = 'signed/a b+ä.txt'
  const object = { Bucket: bucket, Key }
  await client.send(new PutObjectCommand({ ...object, Body: 'hello' }))
  const link = async (made = new Date()) =>
    await getSignedUrl(client, new GetObjectCommand(object), { expiresIn: LIFE_S, signingDate: made })
  const [good, over] = [await link(), await link(new Date(Date.now() - HOUR_MS))]
  const target = await getSignedUrl(client, new PutObjectCommand({ ...object, Key: 'signed/new' }), { expiresIn: LIFE_S })

  const rows: [what: string, asked: () => Promise<Response>, status: number, text?: string][] = [
    ['a link', () => ask(good), 200, 'hello'],
    ['a part by a link', () => ask(good, { headers: { Range: 'bytes=1-3' } }), 206, 'ell'],
    ['a link for another object', () => ask(good.replace('/signed/', '/signet/')), 403],
    ['a link made to live longer', () => ask(good.replace(`X-Amz-Expires=${LIFE_S}`, 'X-Amz-Expires=6000')), 403],
    ['a link for reading, used to ask', () => ask(good, { method: 'HEAD' }), 403],
    ['a link for reading, used to write', () => ask(good, { method: 'PUT', body: 'x' }), 403],
    ['a link that is over', () => ask(over), 403],
    ['a link for writing', () => ask(target, { method: 'PUT', body: 'written' }), 200],
    ['a link for writing another object', () => ask(target.replace('signed/new', 'signed/other'), { method: 'PUT', body: 'x' }), 403],
    ['nobody', () => ask(`${origin}/${bucket}/signed/new`), 403],
  ]
  // One after the other: some show what others have done.
  for (const [what, asked, status, text] of rows) {
    const answer = await asked()
    assert.equal(answer.status, status, `${what}: ${await answer.clone().text()}`)
    if (text !== undefined) assert.equal(await answer.text(), text, what)
  }
  const written = await client.send(new GetObjectCommand({ ...object, Key: 'signed/new' }))
  assert.equal(await written.Body?.transformToString(), 'written')
  const liar = connectS3(origin, { ...key, secretKey: `${key.secretKey}x` })
  await assert.rejects(liar.send(new HeadObjectCommand(object)), ({ $metadata }: S3ServiceException) => $metadata.httpStatusCode === 403)
  for (const one of [client, liar]) one.destroy()
}

function ask(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...init, signal: AbortSignal.timeout(ASK_MS) })
}
