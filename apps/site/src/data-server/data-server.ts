/**
 * Serves the data folder of a site by HTTP: GET with ranges, HEAD, PUT, and a JSON index for directories.
 *
 * Only declared readers get anything, but for prefixes that the operator made public; a PUT always needs a reader's token.
 * Each request leaves one line in the access log.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { codeOf, describeRefusal } from '../system-words.ts'
import type { AccessLog } from './access-log.ts'
import { parseRange } from './byte-range.ts'
import { type DataFolder, DataFolderGone } from './data-folder.ts'

export interface DataServerOptions {
  readonly folder: DataFolder
  readonly log: AccessLog
  /** Who asks; undefined without a known token. */
  readonly readerOf: (request: IncomingMessage) => string | undefined
  /** Paths below the folder that everybody may read: `/public/`. */
  readonly publicPrefixes: readonly string[]
}

/** What is known of one request. */
interface Access extends DataServerOptions {
  readonly reader: string | undefined
  readonly tally: Tally
}

/** Bytes of file content that crossed so far. */
interface Tally {
  bytes: number
}

/** The status of a request whose client hung up before the answer, in the log alone. */
const HUNG_UP = 499
const METHODS = new Set(['GET', 'HEAD', 'PUT'])
const STATUS_OF_DISK: Readonly<Record<string, number>> = { ENAMETOOLONG: 400, ENOSPC: 507, EDQUOT: 507 }
/** How much is written down of the path of a request that is refused for want of a token. */
const STRANGERS_PATH = 200

/** Answers one request for `path`, the escaped path below the data folder, starting with `/`. Rejects only if the access log cannot be written. */
export async function serveData(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  options: DataServerOptions,
): Promise<void> {
  const reader = options.readerOf(request)
  const decoded = decode(path)
  const tally: Tally = { bytes: 0 }
  let aborted = false
  try {
    await answer(request, response, decoded, { reader, tally, ...options })
  } catch (error) {
    aborted = request.socket.destroyed
    // What is sent already cannot be taken back.
    if (aborted || response.headersSent) response.destroy()
    else if (error instanceof DataFolderGone) refuse(response, 503, error.message)
    else refuse(response, STATUS_OF_DISK[codeOf(error) ?? ''] ?? 500, describeRefusal(error) ?? 'the file could not be served')
  }
  const method = request.method ?? ''
  const asked = decoded ?? path
  // A stranger's path may be as long as it likes, and nothing depends on it.
  const shown = response.statusCode === 401 && asked.length > STRANGERS_PATH ? `${asked.slice(0, STRANGERS_PATH)}…` : asked
  const status = aborted && !response.headersSent ? HUNG_UP : response.statusCode
  options.log.write({ ...(reader !== undefined && { reader }), method, path: shown, status, ...tally, ...(aborted && { aborted }) })
}

async function answer(request: IncomingMessage, response: ServerResponse, path: string | undefined, access: Access): Promise<void> {
  const method = request.method ?? ''
  if (!METHODS.has(method)) {
    response.setHeader('Allow', [...METHODS].join(', '))
    return refuse(response, 405, 'data is read with GET or HEAD and written with PUT')
  }
  const isPublic = path !== undefined && method !== 'PUT' && access.publicPrefixes.some(prefix => path.startsWith(prefix))
  if (access.reader === undefined && !isPublic) {
    response.setHeader('WWW-Authenticate', 'Bearer')
    return refuse(response, 401, 'this data server answers its declared readers only: send your token as bearer or basic password')
  }
  if (path === undefined) return refuse(response, 404, 'no such file')
  if (method === 'PUT') return await receive(request, response, path, access)
  return await send(request, response, path, access)
}

async function send(request: IncomingMessage, response: ServerResponse, path: string, access: Access): Promise<void> {
  const source = await access.folder.find(path)
  const found = source === undefined ? undefined : await stat(source)
  if (source === undefined || !found || !(found.isFile() || found.isDirectory())) return refuse(response, 404, 'no such file')
  if (found.isDirectory()) {
    if (!path.endsWith('/')) return refuse(response, 404, 'this is a directory: its index is at the path with a slash at the end')
    const body = JSON.stringify(await access.folder.index(path))
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
    response.end(request.method === 'HEAD' ? undefined : body)
    return
  }
  if (path.endsWith('/')) return refuse(response, 404, 'this is a file: leave out the slash at the end')
  const etag = `"${found.size.toString(36)}-${Math.round(found.mtimeMs * 1000).toString(36)}"`
  const condition = request.headers['if-range']
  const range = condition === undefined || condition === etag ? parseRange(request.headers.range, found.size) : 'none'
  response.setHeader('ETag', etag)
  response.setHeader('Accept-Ranges', 'bytes')
  response.setHeader('Last-Modified', found.mtime.toUTCString())
  response.setHeader('Content-Type', 'application/octet-stream')
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${found.size}`)
    return refuse(response, 416, `the file has ${found.size} bytes`)
  }
  const { first, last } = range === 'none' ? { first: 0, last: found.size - 1 } : range
  if (range !== 'none') response.setHeader('Content-Range', `bytes ${first}-${last}/${found.size}`)
  response.writeHead(range === 'none' ? 200 : 206, { 'Content-Length': last - first + 1 })
  if (request.method === 'HEAD' || last < first) {
    response.end()
    return
  }
  await stream(source, first, last, response, access.tally)
}

/** Sends the bytes and counts what was handed to the network, also when the client leaves before the end. */
async function stream(source: string, first: number, last: number, response: ServerResponse, tally: Tally): Promise<void> {
  const body = createReadStream(source, { start: first, end: last })
  body.on('data', chunk => {
    tally.bytes += chunk.length
  })
  await pipeline(body, response)
}

async function receive(request: IncomingMessage, response: ServerResponse, path: string, access: Access): Promise<void> {
  if (request.headers['content-range'] !== undefined) return refuse(response, 400, 'send the whole file, without Content-Range')
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') return refuse(response, 415, 'send the bytes of the file as they are, without Content-Encoding')
  const gone = new AbortController()
  request.once('aborted', () => gone.abort())
  const { status, bytes } = await access.folder.put(path, request, gone.signal)
  if (status === 404) return refuse(response, 404, 'a file needs a name without ".", ".." or a slash at the end')
  if (status === 409)
    return refuse(
      response,
      409,
      'a directory has this name, or one of its directories has the name of a file or of a link that leads out of the data folder',
    )
  access.tally.bytes = bytes
  response.writeHead(status).end()
}

function refuse(response: ServerResponse, status: number, msg: string): void {
  const body = JSON.stringify({ msg, status_code: status })
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
