/**
 * A stand-in for an S3 server: a real HTTP server on a free port of 127.0.0.1 that checks every signature, keeps objects, and tells who asked for
 * what. It speaks what Portolan and its sites need of the API: objects with ranges and conditions, lists, multipart uploads, checksums.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type Fault, FaultList, type Faults } from './faults.ts'
import { type Answer, type Asked, nameOperation, OPERATIONS, type OperationName, TAKES_BYTES, WRITES } from './operations.ts'
import { readSigned } from './payload.ts'
import { S3Refused } from './refused.ts'
import { checkSignature, decode, readQuery, type S3Key } from './signature.ts'
import { Bucket } from './store.ts'
import { writeXml } from './xml.ts'

/** One request, told when it is over, in the words of a data server's access log. */
export interface S3Access {
  /** RFC 3339. */
  readonly time: string
  /** Who has the key that signed it; absent: nobody, or wrongly. */
  readonly reader?: string | undefined
  readonly operation?: OperationName | undefined
  readonly method: string
  /** `/bucket/key`, not escaped. */
  readonly path: string
  readonly status: number
  /** Bytes of objects that went out or came in. */
  readonly bytes: number
  /** The header of that name. */
  readonly range?: string | undefined
  /** True for a URL that carries its signature. */
  readonly presigned?: true | undefined
  /** True where the client hung up before the end; 499 if nothing was answered. */
  readonly aborted?: true | undefined
}

export interface S3Options {
  readonly buckets: readonly string[]
  readonly keys: readonly S3Key[]
  /** Default: us-east-1. */
  readonly region?: string | undefined
  /** Where the bucket stands, in the path or in the host name; only this one is served. Default: path. */
  readonly addressing?: 'path' | 'virtual' | undefined
  /** How long it thinks before each answer. */
  readonly latencyMs?: number | undefined
  /** For the bytes of the objects; default: one of its own, removed at the end. */
  readonly folder?: string | undefined
  /** Default: 5 MiB, as at AWS. */
  readonly minPartBytes?: number | undefined
  /** ms since 1970. */
  readonly now?: (() => number) | undefined
}

export interface S3Server extends AsyncDisposable {
  /** The endpoint, without a slash at the end. With virtual addressing its name is not in any DNS: connect to 127.0.0.1 and its port. */
  readonly origin: string
  /** In the order of their ends. */
  readonly requests: S3Access[]
  readonly faults: Faults
  /** The most requests that were under way at one time, since it was set to 0. */
  mostAtOnce: number
  /** A bucket, as it lies there: nothing of this stands in the requests. */
  bucket(name: string): Bucket
  /** The address of a bucket, without a slash at the end. */
  at(bucket: string): string
}

const VIRTUAL_HOST = 's3.localhost'
const MIN_PART_BYTES = 5 * 2 ** 20
const MAX_KEY_BYTES = 1024

export async function startS3(options: S3Options): Promise<S3Server> {
  await using stack = new AsyncDisposableStack()
  const folder = options.folder ?? stack.adopt(await mkdtemp(join(tmpdir(), 'portolan-s3-')), path => rm(path, { recursive: true }))
  await mkdir(folder, { recursive: true })
  const now = options.now ?? Date.now
  const faults = new FaultList()
  const buckets = new Map(options.buckets.map(name => [name, new Bucket(folder, now)]))
  const service: Service = { options, buckets, faults, now, latencyMs: options.latencyMs ?? 0, requests: [] }
  let underWay = 0
  const server = createServer((request, response) => {
    self.mostAtOnce = Math.max(self.mostAtOnce, ++underWay)
    response.once('close', () => underWay--)
    void answer(service, request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  stack.defer(async () => {
    const closed = new Promise(resolve => server.close(resolve))
    server.closeAllConnections()
    faults.clear()
    await closed
  })
  const { port } = server.address() as AddressInfo
  const isVirtual = options.addressing === 'virtual'
  const owned = stack.move()
  const self: S3Server = {
    origin: `http://${isVirtual ? VIRTUAL_HOST : '127.0.0.1'}:${port}`,
    requests: service.requests,
    faults,
    mostAtOnce: 0,
    bucket(name) {
      const found = buckets.get(name)
      if (!found) throw new Error(`there is no bucket ${name}`)
      return found
    },
    at: name => (isVirtual ? `http://${name}.${VIRTUAL_HOST}:${port}` : `http://127.0.0.1:${port}/${name}`),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
  return self
}

interface Service {
  readonly options: S3Options
  readonly buckets: ReadonlyMap<string, Bucket>
  readonly faults: FaultList
  readonly now: () => number
  readonly latencyMs: number
  readonly requests: S3Access[]
}

/** What is told of a request, filled while it is answered. */
interface Told {
  reader?: string
  operation?: OperationName
  presigned?: true
  path: string
  bytes: number
}

async function answer(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const told: Told = { path: '', bytes: 0 }
  const over = new Promise<void>(resolve => response.once('close', () => resolve()))
  try {
    const { fault, found } = await findAnswer(service, request, told)
    await send(response, found, told, fault?.kind === 'cut' ? fault.afterBytes : undefined)
  } catch (error) {
    // A client that has left gets no answer.
    if (!response.destroyed) refuse(request, response, error)
  }
  await over
  const isWhole = response.writableFinished
  service.requests.push({
    time: new Date(service.now()).toISOString(),
    method: request.method ?? '',
    status: response.headersSent ? response.statusCode : 499,
    ...told,
    ...(request.headers.range !== undefined && { range: request.headers.range }),
    ...(!isWhole && { aborted: true as const }),
  })
}

async function findAnswer(
  service: Service,
  request: IncomingMessage,
  told: Told,
): Promise<{ readonly fault: Fault | undefined; readonly found: Answer }> {
  const { options, faults } = service
  const { method = '', url = '' } = request
  const parameters = readQuery(url.split('?')[1] ?? '')
  const get = (name: string): string | undefined => parameters.find(parameter => parameter.name === name)?.value
  const place = findPlace(request, options.addressing === 'virtual')
  told.path = `/${place.bucket}/${place.key}`
  if (get('X-Amz-Signature') !== undefined) told.presigned = true
  const headers = Object.fromEntries(Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.join(',')]))
  const verdict = checkSignature(
    { method, target: url, headers },
    { keys: options.keys, region: options.region ?? 'us-east-1', now: service.now() },
  )
  if (service.latencyMs > 0) await delay(service.latencyMs)
  const operation = nameOperation(method, place.key, get)
  if (operation !== undefined) told.operation = operation
  const fault = operation && faults.take(operation, place.key)
  if (fault?.kind === 'hold') await faults.cleared
  if (fault?.kind === 'refuse') throw new S3Refused(fault.status, fault.code, 'it is to fail')
  if (fault?.kind === 'redirect') return { fault, found: { status: 307, headers: { Location: fault.to } } }
  if (!verdict.signed) throw new S3Refused(verdict.status, verdict.code, verdict.message)
  told.reader = verdict.key.reader
  const bucket = service.buckets.get(place.bucket)
  if (verdict.key.buckets?.includes(place.bucket) === false) throw new S3Refused(403, 'AccessDenied', 'this key does not open this bucket')
  if (!bucket) throw new S3Refused(404, 'NoSuchBucket', 'there is no such bucket')
  if (operation === undefined) throw new S3Refused(501, 'NotImplemented', `${method} is not done here`)
  if (Buffer.byteLength(place.key) > MAX_KEY_BYTES)
    throw new S3Refused(400, 'KeyTooLongError', `the key is longer than ${MAX_KEY_BYTES} bytes`)
  if (verdict.key.readOnly && WRITES.has(operation)) throw new S3Refused(403, 'AccessDenied', 'this key reads only')
  const { payload } = verdict
  const body = TAKES_BYTES.has(operation) ? Buffer.alloc(0) : await readSigned(request, payload)
  const asked: Asked = {
    ...{ request, bucket, get, key: place.key, bucketName: place.bucket, payload, body },
    minPartBytes: options.minPartBytes ?? MIN_PART_BYTES,
  }
  const found: Answer = await OPERATIONS[operation](asked)
  told.bytes = found.taken ?? 0
  return { fault, found }
}

function findPlace({ url = '', headers: { host = '' } }: IncomingMessage, isVirtual: boolean): { bucket: string; key: string } {
  const path = decode((url.split('?')[0] ?? '').slice(1))
  if (isVirtual) {
    const name = host.replace(/:[0-9]+$/, '')
    return { bucket: name.endsWith(`.${VIRTUAL_HOST}`) ? name.slice(0, -VIRTUAL_HOST.length - 1) : '', key: path }
  }
  const slash = path.indexOf('/')
  return slash < 0 ? { bucket: path, key: '' } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) }
}

async function send(response: ServerResponse, { status, headers, text, content }: Answer, told: Told, cutAfter: number | undefined) {
  if (cutAfter === 0) {
    response.destroy()
    return
  }
  response.writeHead(status, { ...headers, ...(text !== undefined && { 'Content-Length': Buffer.byteLength(text) }) })
  if (!content) {
    response.end(text)
    return
  }
  await pipeline(count(content, told, cutAfter), response, { end: cutAfter === undefined })
  if (cutAfter !== undefined) response.socket?.destroySoon()
}

/** At most so many bytes of the content. */
async function* count(content: AsyncIterable<Buffer>, told: Told, most = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    const piece = chunk.subarray(0, most - told.bytes)
    yield piece
    told.bytes += piece.length
    if (told.bytes >= most) return
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const refused = error instanceof S3Refused ? error : new S3Refused(500, 'InternalError', String(error))
  const resource = request.url?.split('?')[0]
  const body = writeXml('Error', { Code: refused.code, Message: refused.message, Resource: resource, RequestId: 'stand-in' })
  // A client that still sends would not see the answer.
  request.resume()
  response.writeHead(refused.status, { 'Content-Type': 'application/xml', 'Content-Length': Buffer.byteLength(body) })
  response.end(request.method === 'HEAD' ? undefined : body)
}
