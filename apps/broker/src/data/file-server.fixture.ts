/**
 * A data server of a test that keeps files in memory: HEAD, GET with ranges and conditions, a JSON index for folders, PUT with conditions.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FileServer extends AsyncDisposable {
  readonly origin: string
  /** By path, decoded. */
  readonly files: Map<string, Uint8Array>
  /** `GET /a.txt`, oldest first. */
  readonly asked: string[]
  /** Answers in the place of the server; false where it is to answer itself. */
  meddle: (request: IncomingMessage, response: ServerResponse) => boolean
}

export async function startFileServer(): Promise<FileServer> {
  const files = new Map<string, Uint8Array>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (self.meddle(request, response)) return
    const path = decodeURIComponent(request.url ?? '')
    const bytes = files.get(path)
    if (request.method === 'PUT') return void receive(files, path, request, response)
    if (path.endsWith('/')) return sendIndex(files, path, response)
    if (bytes === undefined) return void response.writeHead(404).end()
    send(bytes, request, response)
  })
  server.listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const self: FileServer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    asked,
    meddle: () => false,
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
  return self
}

/** What a test puts there lies there for a while already; what comes by PUT is as old as it is. */
const EARLIER = Date.now() - 60_000
const receivedAt = new WeakMap<Uint8Array, number>()

function etagOf(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes).toString('hex').slice(0, 40)}-${bytes.length}"`
}

function send(bytes: Uint8Array, { method, headers }: IncomingMessage, response: ServerResponse): void {
  const etag = etagOf(bytes)
  if (headers['if-match'] !== undefined && headers['if-match'] !== etag) return void response.writeHead(412).end()
  response.setHeader('etag', etag).setHeader('last-modified', new Date(receivedAt.get(bytes) ?? EARLIER).toUTCString())
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
  if (first === undefined)
    return void response.writeHead(200, { 'content-length': bytes.length }).end(method === 'HEAD' ? undefined : bytes)
  const end = Math.min(last === '' ? bytes.length - 1 : Number(last), bytes.length - 1)
  if (Number(first) > end) return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
  const part = bytes.subarray(Number(first), end + 1)
  response.writeHead(206, { 'content-range': `bytes ${first}-${end}/${bytes.length}`, 'content-length': part.length }).end(part)
}

function sendIndex(files: ReadonlyMap<string, Uint8Array>, folder: string, response: ServerResponse): void {
  const entries = new Map<string, object>()
  for (const [path, { length }] of files) {
    if (!path.startsWith(folder)) continue
    const [name = '', ...deeper] = path.slice(folder.length).split('/')
    entries.set(name, deeper.length > 0 ? { name, type: 'DIRECTORY' } : { name, type: 'FILE', size: length })
  }
  if (entries.size === 0) response.writeHead(404).end()
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ entries: [...entries.values()] }))
}

async function receive(files: Map<string, Uint8Array>, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const before = files.get(path)
  const { 'if-match': match, 'if-none-match': none } = request.headers
  if ((none === '*' && before !== undefined) || (match !== undefined && (before === undefined || etagOf(before) !== match))) {
    response.writeHead(412).end()
    return
  }
  const bytes = Buffer.concat(chunks)
  receivedAt.set(bytes, Date.now())
  files.set(path, bytes)
  response.writeHead(201, { etag: etagOf(bytes) }).end()
}
