/**
 * A broker of one task and the store of its outputs, for what no healthy ones do: answers that are cut, links that end, files that change. Bytes are made as
 * they are asked for, so that a file may be large.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Location, OutputLink, OutputList } from '@portolan/broker/portolan-schemas'

export interface ServedOutput {
  path: string
  content: Buffer
  etag: string | undefined
  checksums: OutputLink['checksums']
  /** Default: by its number, in the bucket `results`. */
  url?: string
  /** Default: `store`. */
  location?: string
  delivery: 'direct' | 'relay' | 'none'
}

/** One answer of the store, before it goes out. */
export interface StoreAnswer {
  readonly path: string
  readonly from: number
  readonly last: number
  readonly response: ServerResponse
}

export interface OutputServer extends AsyncDisposable {
  readonly url: string
  readonly outputs: ServedOutput[]
  readonly locations: Location[]
  measured: boolean
  /** How long links hold, ms. */
  linkLifeMs: number
  readonly links: string[]
  /** Of the store and of the relay. */
  readonly asked: { readonly path: string; readonly from: number; readonly last: number; readonly credential: string | undefined }[]
  /** True: it has answered by itself. */
  meddle: (answer: StoreAnswer) => boolean
}

const TOKEN = /^Bearer (?<token>.+)$/

export async function startOutputServer(): Promise<OutputServer> {
  const [broker, store] = [createServer(), createServer()]
  for (const server of [broker, store]) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  const originOf = (server: typeof broker): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const self: OutputServer = {
    url: originOf(broker),
    outputs: [],
    locations: [],
    measured: true,
    linkLifeMs: 900_000,
    links: [],
    asked: [],
    meddle: () => false,
    async [Symbol.asyncDispose]() {
      for (const server of [broker, store]) {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      }
    },
  }

  function sendBytes(output: ServedOutput, request: IncomingMessage, response: ServerResponse): void {
    const { content, etag, path } = output
    const [, first = '0', end] = /^bytes=(\d+)-(\d+)?$/.exec(request.headers.range ?? '') ?? []
    const [from, last] = [Number(first), Math.min(Number(end ?? content.length - 1), content.length - 1)]
    self.asked.push({ path, from, last, credential: TOKEN.exec(request.headers.authorization ?? '')?.groups?.token })
    if (self.meddle({ path, from, last, response })) return
    const match = request.headers['if-match']
    if (match !== undefined && match !== etag) return void response.writeHead(412).end()
    response.writeHead(206, {
      'content-range': `bytes ${from}-${last}/${content.length}`,
      'content-length': last - from + 1,
      ...(etag !== undefined && { etag }),
    })
    response.end(content.subarray(from, last + 1))
  }

  store.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '', originOf(store))
    const output = self.outputs[Number(url.pathname.slice(1))]
    if (output === undefined) return response.writeHead(404).end()
    if (Number(url.searchParams.get('ends')) < Date.now()) return response.writeHead(403).end()
    return sendBytes(output, request, response)
  })

  broker.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const send = (status: number, body: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const path = new URL(request.url ?? '', self.url).pathname
    if (path.endsWith('/service-info')) return send(200, SERVICE)
    if (path === '/portolan/v1/locations') return send(200, { locations: self.locations })
    if (path === '/portolan/v1/sites') return send(200, { sites: [] })
    if (path === '/portolan/v1/tasks/t1/outputs') return send(200, listOf(self))
    const [, number = '', act] = /^\/portolan\/v1\/tasks\/t1\/outputs\/(\d+)\/(link|bytes)$/.exec(path) ?? []
    const output = self.outputs[Number(number)]
    if (output === undefined) return send(404, { msg: 'Unknown', status_code: 404 })
    if (act === 'bytes') return sendBytes(output, request, response)
    self.links.push(output.path)
    const ends = Date.now() + self.linkLifeMs
    const url = output.delivery === 'relay' ? `${self.url}${path.replace(/link$/, 'bytes')}` : `${originOf(store)}/${number}?ends=${ends}`
    return send(201, {
      url,
      expires_at: new Date(Date.now() + 900_000).toISOString(),
      relayed: output.delivery === 'relay',
      bytes: output.content.length,
      etag: output.etag,
      checksums: output.checksums,
    })
  })
  return self
}

function listOf({ measured, outputs }: OutputServer): OutputList {
  return {
    task: 't1',
    state: measured ? 'COMPLETE' : 'RUNNING',
    measured,
    outputs: outputs.map(({ path, content, delivery, url, location = 'store' }, number) => ({
      number,
      url: url ?? `s3://results/${number}`,
      path,
      delivery,
      ...(measured && { bytes: content.length, location }),
      ...(delivery === 'none' && { why: 'It stays where it is.' }),
    })),
  }
}

const SERVICE = {
  id: 'x',
  name: 'x',
  type: { group: 'org.ga4gh', artifact: 'tes', version: '1.1.0' },
  organization: { name: 'x', url: 'https://x.example' },
  version: '1',
}
