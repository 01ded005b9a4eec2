/**
 * The stores of the sites, where data and results lie in S3: a bucket for each site, behind a front of its own that writes down who asks. Every site
 * and the broker have keys of their own.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { ServerKey } from '../../test/interop/s3-server.ts'
import { startS3proxy } from '../../test/interop/s3proxy.ts'
import type { Deal } from './deal.ts'
import { bucketOf, FILES_AT, type StoreOrigins } from './setup.ts'
import { type StoreFront, startFront } from './store-front.ts'
import { BROKER, FILES, folderOf, SITES, type SiteName } from './world.ts'

export interface StoreOptions {
  readonly jar: string
  /** An empty folder of their own. */
  readonly folder: string
  /** By whom they are held: the sites, and the broker. */
  readonly keys: Readonly<Record<SiteName | typeof BROKER, ServerKey>>
  readonly logFile: (site: SiteName) => string
  readonly signal: AbortSignal
}

export interface SiteStores extends AsyncDisposable {
  readonly origins: StoreOrigins
}

/** With every file where the deal says. Rejects, with nothing left running, if the server does not come up. */
export async function startStores(deal: Deal, { jar, folder, keys, logFile, signal }: StoreOptions): Promise<SiteStores> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startS3proxy({ jar, folder, keys: Object.values(keys) }, signal))
  await layOut(server.origin, keys[BROKER], deal)
  const readers = new Map(Object.entries(keys).map(([reader, { accessKey }]) => [accessKey, reader]))
  const front = async (site: SiteName): Promise<StoreFront> =>
    stack.use(await startFront({ bucket: bucketOf(site), server: server.origin, readers, logFile: logFile(site) }))
  const origins = {
    bielefeld: (await front('bielefeld')).origin,
    charite: (await front('charite')).origin,
    surf: (await front('surf')).origin,
  }
  const owned = stack.move()
  return { origins, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Behind the fronts: that the data came there is no part of the play. */
async function layOut(endpoint: string, { accessKey, secretKey }: ServerKey, deal: Deal): Promise<void> {
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey }
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
  try {
    for (const site of SITES) await client.send(new CreateBucketCommand({ Bucket: bucketOf(site) }))
    for (const { name } of FILES) {
      const Body = await readFile(new URL(name, FILES_AT))
      await client.send(new PutObjectCommand({ Bucket: bucketOf(deal[name]), Key: join(folderOf(name), name), Body }))
    }
  } finally {
    client.destroy()
  }
}
