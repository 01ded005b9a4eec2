/**
 * Uploads as people meet them: the API with a project that takes uploads, and a server of files behind it that is a real one.
 */
import type { ProjectId } from '@portolan/federation'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { type S3Server, startS3 } from '../../../test/s3/stand-in.ts'
import type { Upload } from '../src/api/data-schemas.ts'
import { LOCAL } from '../src/auth/principal.ts'
import { openSubjectTokens } from '../src/auth/subject-tokens.ts'
import { declaredOriginsOf } from '../src/compose/declared-origins.ts'
import { originOf } from '../src/config/checks.ts'
import { convertLocation, convertServer } from '../src/config/convert.ts'
import { LocationFile } from '../src/config/location-file.ts'
import { type ConfiguredLocation, type LocationCredential, Secret } from '../src/config.ts'
import { createLocationHealth } from '../src/data/kept-health.ts'
import type { LocationHealth } from '../src/data/location-health.ts'
import type { ObjectStores } from '../src/data/object-store.ts'
import type { DataObserver } from '../src/data/observer.ts'
import { createObjectStores } from '../src/data/stores.ts'
import { createOutboundFetch } from '../src/http/outbound-fetch.ts'
import { type Answer, call } from './call.ts'
import { type ApiTestOptions, type RunningApi, startApi } from './start-api.ts'

const KEY = { reader: 'broker', accessKey: makeSecret('access'), secretKey: makeSecret('secret') }
export const MIB = 2 ** 20
/** What the API counts as the size of a part. */
export const PART = 16 * MIB
const BUCKET = 'work'
const BELOW = `s3://${BUCKET}/uploads/`

export interface UploadWorld extends AsyncDisposable {
  readonly api: RunningApi
  readonly s3: S3Server
  readonly stores: ObjectStores
  readonly health: LocationHealth
  ask(method: string, path: string, body?: object | Buffer, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** By the path of the API; the answer as JSON. */
  begin(name: string, bytes: number, more?: object): Promise<Upload>
  /** What lies at a URL of the bucket. */
  bytesOf(url: string): Promise<Buffer | undefined>
}

const SILENT: DataObserver = {
  asked: () => undefined,
  located: () => undefined,
  measured: () => undefined,
  linked: () => undefined,
  relayed: () => undefined,
}

/** The stores of declared locations, and how to end them. */
export async function openStores(
  locations: readonly ConfiguredLocation[],
): Promise<AsyncDisposable & Pick<UploadWorld, 'stores' | 'health'>> {
  const outbound = createOutboundFetch({ declaredOrigins: locations.flatMap(declaredOriginsOf) })
  const access = { outbound, subjectTokens: openSubjectTokens, now: Date.now }
  const health = createLocationHealth(Date.now)
  const stores = await createObjectStores({ locations, access, health, observer: SILENT })
  return {
    stores,
    health,
    async [Symbol.asyncDispose]() {
      await stores[Symbol.asyncDispose]()
      await outbound[Symbol.asyncDispose]()
    },
  }
}

/** A location as its file says. */
export function declareLocation(more: object, credential?: LocationCredential): ConfiguredLocation {
  const declared = credential && { credential: { kind: 's3', accessKeyRef: 'env:A', secretKeyRef: 'env:B' } }
  const file = LocationFile.parse({ id: 'store', country: 'DE', ...declared, ...more })
  return { location: convertLocation(file), server: convertServer(file), origin: originOf(file), credential, file: 'test' }
}

/** The project of open mode with uploads below a URL. */
export const uploadsBelow = (uploads: string): NonNullable<ApiTestOptions['projects']> => [
  { project: { id: 'local' as ProjectId }, name: 'Local', members: [], visibility: 'owner', uploads },
]

export async function startUploads(options: ApiTestOptions = {}): Promise<UploadWorld> {
  await using started = new AsyncDisposableStack()
  const s3 = started.use(await startS3({ buckets: [BUCKET], keys: [KEY] }))
  const keys: LocationCredential = { kind: 's3', accessKey: new Secret(KEY.accessKey), secretKey: new Secret(KEY.secretKey) }
  const location = declareLocation({ kind: 's3', endpoint: s3.origin, prefixes: [{ url: `s3://${BUCKET}/` }] }, keys)
  const { stores, health } = started.use(await openStores([location]))
  const api = started.use(await startApi({ uploadStores: stores, projects: uploadsBelow(BELOW), ...options }))
  const ask: UploadWorld['ask'] = (method, path, body, headers = {}) =>
    call(api.port, {
      method,
      path: `/portolan/v1/uploads${path}`,
      headers: { ...(Buffer.isBuffer(body) && { 'content-type': 'application/octet-stream' }), ...headers },
      ...(body !== undefined && { body: Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
    })
  const owned = started.move()
  return {
    api,
    s3,
    stores,
    health,
    ask,
    async begin(name, bytes, more = {}) {
      const { status, text } = await ask('POST', '', { name, bytes, ...more })
      if (status !== 201) throw new Error(text)
      return JSON.parse(text)
    },
    async bytesOf(url) {
      const read = await stores.at(url)?.read(url, undefined, undefined, AbortSignal.timeout(30_000))
      return read?.outcome === 'found' ? Buffer.from(await new Response(read.value.bytes).arrayBuffer()) : undefined
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

export const OWNER = LOCAL
