/**
 * The S3 store against a server that checks every signature, and what becomes of each way in which that server can fail.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { type S3Server, startS3 } from '../../../../test/s3/stand-in.ts'
import type { LocationServer } from '../config.ts'
import { Secret } from '../config.ts'
import { createOutboundFetch, type OutboundOptions } from '../http/outbound-fetch.ts'
import { lookupHere } from './lookup-here.fixture.ts'
import type { ObjectStore, StoreFailure } from './object-store.ts'
import { describeObjectStore, type OpenedObjectStore, readAll, valueOf } from './object-store.contract.ts'
import { openS3Store } from './s3-store.ts'

const KEY = { reader: 'broker', accessKey: makeSecret('access'), secretKey: makeSecret('secret') }
const SERVER: LocationServer = { region: 'eu-central-1', addressing: 'path', checksums: 'supported', cloud: undefined, delivery: 'direct' }
const BUCKET = 'genomes'
const ROOT = `s3://${BUCKET}/`
const URL = `${ROOT}a.txt`

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

interface Opened extends OpenedObjectStore {
  readonly server: S3Server
}

interface Wish {
  readonly server?: Partial<LocationServer>
  readonly secretKey?: Secret
  readonly outbound?: Partial<OutboundOptions>
}

async function open({ server: settings, secretKey = new Secret(KEY.secretKey), outbound }: Wish = {}): Promise<Opened> {
  const known = { ...SERVER, ...settings }
  const server = await startS3({ buckets: [BUCKET], keys: [KEY], region: SERVER.region, addressing: known.addressing, minPartBytes: 10 })
  const ways = createOutboundFetch({ declaredOrigins: [server.origin, server.at(BUCKET)], lookup: lookupHere, ...outbound })
  const store = openS3Store({
    location: 'site-s3' as ObjectStore['location'],
    endpoint: server.origin,
    server: known,
    credential: { kind: 's3', accessKey: new Secret(KEY.accessKey), secretKey },
    ways,
    now: Date.now,
  })
  const end = async (): Promise<void> => {
    await ways[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  }
  return {
    server,
    store,
    root: ROOT,
    put: async (url, bytes) => await server.bucket(BUCKET).put(url.slice(ROOT.length), bytes),
    [Symbol.asyncDispose]: end,
  }
}
