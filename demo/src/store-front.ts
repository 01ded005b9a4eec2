/**
 * Stands before the bucket of a site and writes down who has asked for what, in the words of a data server's access log: the S3 server keeps none.
 * All that is asked goes on as it is, since it is signed.
 */
import { once } from 'node:events'
import { appendFileSync, mkdirSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { AccessLine } from './traffic.ts'

const NOT_FOUND = 404
const BAD_GATEWAY = 502
/** Said between two neighbours, not from end to end. */
const HOP = /^(connection|keep-alive|transfer-encoding)$/i

export interface FrontOptions {
  readonly bucket: string
  /** Origin of the S3 server. */
  readonly server: string
  /** Access key → whose it is. */
  readonly readers: ReadonlyMap<string, string>
  readonly logFile: string
}

export interface StoreFront extends AsyncDisposable {
  readonly origin: string
}

/** On a free port of 127.0.0.1. */
export async function startFront(options: FrontOptions): Promise<StoreFront> {
  mkdirSync(dirname(options.logFile), { recursive: true })
  appendFileSync(options.logFile, '')
  const server = createServer((asked, answer) => {
    passOn(asked, answer, options).catch((cause: unknown) => {
      if (answer.headersSent) answer.destroy(cause instanceof Error ? cause : undefined)
      else answer.writeHead(BAD_GATEWAY).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

async function passOn(asked: IncomingMessage, answer: ServerResponse, { bucket, server, readers, logFile }: FrontOptions): Promise<void> {
  const { method = 'GET', url = '/' } = asked
  const { pathname, searchParams } = new URL(url, server)
  const [, first, ...key] = pathname.split('/').map(decodeURIComponent)
  const path = `/${key.join('/')}`
  if (first !== bucket) return void answer.writeHead(NOT_FOUND).end()

  const gone = new AbortController()
  answer.once('close', () => gone.abort())
  const onward = request(`${server}${url}`, { method, headers: withoutHops(asked.rawHeaders), signal: gone.signal })
  const [came] = (await Promise.all([once(onward, 'response'), pipeline(asked, onward)]))[0] as [IncomingMessage]
  const { statusCode: status = BAD_GATEWAY, headers } = came
  let bytes = 0
  let isWritten = false
  /** Before its last byte leaves, so that whoever has an answer finds its line. */
  const write = (): void => {
    if (isWritten) return
    isWritten = true
    const reader = readers.get(accessKeyOf(asked, searchParams))
    const presigned = searchParams.has('X-Amz-Signature') || undefined
    const moved = path === '/' || status >= 300 ? 0 : method === 'GET' ? bytes : method === 'PUT' ? sentBytes(asked) : 0
    const line: AccessLine = { reader, method, path, status, bytes: moved, presigned }
    appendFileSync(logFile, `${JSON.stringify(line)}\n`)
  }
  try {
    answer.writeHead(status, withoutHops(came.rawHeaders))
    for await (const chunk of came as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes === Number(headers['content-length'])) write()
      if (!answer.write(chunk)) await once(answer, 'drain', { signal: gone.signal })
    }
  } finally {
    write()
  }
  answer.end()
}

function withoutHops(raw: readonly string[]): string[] {
  return raw.flatMap((name, at) => (at % 2 === 0 && !HOP.test(name) ? [name, raw[at + 1] ?? ''] : []))
}

/** Of a header or of a link; empty: there is none. */
function accessKeyOf({ headers: { authorization = '' } }: IncomingMessage, query: URLSearchParams): string {
  const scope = query.get('X-Amz-Credential') ?? /Credential=([^,\s]+)/.exec(authorization)?.[1] ?? ''
  return scope.split('/')[0] ?? ''
}

/** Without what frames the chunks of a body. */
function sentBytes({ headers }: IncomingMessage): number {
  return Number(headers['x-amz-decoded-content-length'] ?? headers['content-length'] ?? 0)
}
