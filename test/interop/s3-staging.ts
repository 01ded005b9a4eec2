/**
 * One site of our own with a key at a real S3 server: what it takes from there, and what it leaves.
 */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { GetObjectCommand, ListMultipartUploadsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { startSiteProcess } from '../../apps/site/test/site-process.ts'
import type { Stage } from './row.ts'
import type { ServerKey } from './s3-server.ts'
import { connectS3 } from './s3-signatures.ts'

const SMALL = 300_000
/** Three parts of an upload. */
const LARGE = 40_000_000

export interface Place {
  readonly origin: string
  readonly key: ServerKey
  readonly bucket: string
}

export async function checkStaging({ folder, signal }: Stage, { origin, key, bucket }: Place): Promise<void> {
  const client = connectS3(origin, key)
  const reads = randomBytes(SMALL)
  const put = (Key: string, Body: Buffer | Readable, ContentLength: number) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentLength, ChecksumAlgorithm: 'CRC32' }))
  // As a stream: versitygw says of such an object for ever that it is in chunks, which it is not.
  await put('in/streamed reads.fq', Readable.from([reads]), reads.length)
  for (const name of ['a', 'deep/b', 'deep/er/c+ä']) await put(`in/tree/${name}`, Buffer.from(name), Buffer.byteLength(name))
  const flags = ['--s3', `${origin}=env:S3_KEY`, '--bucket', `${bucket}=${origin}`]
  const site = await startSiteProcess(join(folder, 'site'), { flags, env: { S3_KEY: `${key.accessKey}:${key.secretKey}` } })
  try {
    const { id } = await site.client.createTask({
      inputs: [
        { path: '/in/x', url: `s3://${bucket}/in/streamed reads.fq` },
        { path: '/in/tree', url: `s3://${bucket}/in/tree/`, type: 'DIRECTORY' },
      ],
      outputs: [
        { path: '/out/sums', url: `s3://${bucket}/out/sums` },
        { path: '/out/tree', url: `s3://${bucket}/out/tree`, type: 'DIRECTORY' },
        { path: '/out/large', url: `s3://${bucket}/out/large` },
      ],
      executors: [
        {
          image: 'alpine',
          command: [
            ...['sh', '-c', 'head -c "$4" /dev/urandom > "$3/large"; cp -r "$2" "$3/tree"; cat "$1" "$3/large" | md5sum > "$3/sums"', 'sh'],
            ...['/in/x', '/in/tree', '/out', String(LARGE)],
          ],
        },
      ],
    })
    const { state, logs } = await site.client.waitForTask(id, { view: 'FULL', signal })
    assert.equal(state, 'COMPLETE', JSON.stringify(logs))
    assert.deepEqual(logs?.[0]?.system_logs ?? [], [])
  } finally {
    await site.end('SIGTERM')
  }
  const read = async (Key: string): Promise<Uint8Array> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }))
    return (await Body?.transformToByteArray()) ?? assert.fail(`${Key} is empty`)
  }
  const large = await read('out/large')
  assert.equal(large.length, LARGE)
  const digest = createHash('md5').update(reads).update(large).digest('hex')
  assert.ok(
    Buffer.from(await read('out/sums'))
      .toString()
      .startsWith(digest),
    'the digest is that of what was taken and stored',
  )
  assert.equal(Buffer.from(await read('out/tree/deep/er/c+ä')).toString(), 'deep/er/c+ä')
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: 'out/' }))
  assert.deepEqual(Uploads, [])
  client.destroy()
}
