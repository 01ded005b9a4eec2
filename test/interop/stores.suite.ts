/**
 * The broker's store of S3 locations against the real server that a row has started.
 */
import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll } from 'vitest'
import { type LocationServer, Secret } from '../../apps/broker/src/config.ts'
import { lookupHere } from '../../apps/broker/src/data/lookup-here.fixture.ts'
import { describeObjectStore, type OpenedObjectStore } from '../../apps/broker/src/data/object-store.contract.ts'
import type { ObjectStore } from '../../apps/broker/src/data/object-store.ts'
import { openS3Store } from '../../apps/broker/src/data/s3-store.ts'
import { createOutboundFetch } from '../../apps/broker/src/http/outbound-fetch.ts'
import { STORE_VARIABLE, StoreOfRow } from './run-stores.ts'
import { connectS3 } from './s3-signatures.ts'

const { name, origin, virtualOrigin, bucket, key } = StoreOfRow.parse(JSON.parse(process.env[STORE_VARIABLE] ?? '{}'))
/** The smallest part that S3 knows but for the last. */
const PART_BYTES = 5 * 2 ** 20
const SERVER = { region: 'us-east-1', addressing: 'path', checksums: 'supported', cloud: undefined, delivery: 'direct' } as const

const client = connectS3(origin, key)
afterAll(() => client.destroy())

async function open(endpoint: string, server: LocationServer): Promise<OpenedObjectStore> {
  const ofBucket = server.addressing === 'virtual' ? [endpoint.replace('://', `://${bucket}.`)] : []
  const ways = createOutboundFetch({ declaredOrigins: [endpoint, ...ofBucket], lookup: lookupHere })
  const store = openS3Store({
    ...{ location: 'site-s3' as ObjectStore['location'], endpoint, server, ways, now: Date.now },
    credential: { kind: 's3', accessKey: new Secret(key.accessKey), secretKey: new Secret(key.secretKey) },
  })
  const folder = `contract/${randomUUID()}/`
  return {
    store,
    fetch,
    root: `s3://${bucket}/${folder}`,
    put: async (url, Body) => await client.send(new PutObjectCommand({ Bucket: bucket, Key: url.slice(`s3://${bucket}/`.length), Body })),
    [Symbol.asyncDispose]: () => Promise.resolve(ways[Symbol.asyncDispose]()),
  }
}

const traits = {
  partBytes: PART_BYTES,
  links: true,
  names: ['a b+c.txt', 'ä/ö.txt', "it's (1)!.txt", '100%', 'a%20b', 'x=1&y=2', '~._-', 'semi;colon', 'comma,@:$'],
}
describeObjectStore(`the store of an S3 location, at ${name}`, () => open(origin, SERVER), traits)

// By names of hosts, which nobody but the store under test can look up.
if (virtualOrigin !== undefined)
  describeObjectStore(
    `the store of an S3 location with a host name for each bucket, at ${name}`,
    () => open(virtualOrigin, { ...SERVER, addressing: 'virtual' }),
    { ...traits, links: false },
  )
