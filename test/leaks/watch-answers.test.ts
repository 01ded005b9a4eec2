/**
 * What a server says when it refuses is seen whole: head and body, however it is sent.
 */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { linkNeedles, needlesOf } from './needles.ts'
import { watchRemains } from './remains.ts'
import { makeMarker } from './secrets.ts'

/** What is found of the marker in an answer of a broker, which is known by its request's id. */
async function findIn(answer: (marker: string) => RequestListener, path = '/'): Promise<readonly string[]> {
  const marker = makeMarker()
  const watch = watchRemains([...needlesOf(marker), ...linkNeedles()])
  onTestFinished(() => watch.end())
  const server = createServer((request, response) => {
    response.setHeader('x-request-id', 'a')
    response.setHeader('cache-control', 'no-store')
    answer(marker)(request, response)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const asked = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)
  await asked.arrayBuffer()
  return watch.findings().map(({ place, what }) => `${place}: ${what}`)
}

const PLAIN = 'error body: the marker (plain)'

it.each<[string, (marker: string) => RequestListener, string]>([
  ['a body', marker => (_, response) => response.writeHead(400).end(marker), PLAIN],
  [
    'a body in parts',
    marker => (_, response) => void [response.writeHead(500).write(marker.slice(0, 9)), response.end(marker.slice(9))],
    PLAIN,
  ],
  ['a header that is set', marker => (_, response) => response.setHeader('x-a', marker).writeHead(403).end(), PLAIN],
  [
    'a header of the head',
    marker => (_, response) => response.writeHead(401, { 'www-authenticate': `Basic realm="${marker}"` }).end(),
    PLAIN,
  ],
  ['the words of the status', marker => (_, response) => response.writeHead(404, marker).end(), PLAIN],
  [
    'a body by brotli',
    marker => (_, response) => response.writeHead(400, { 'content-encoding': 'br' }).end(brotliCompressSync(marker)),
    PLAIN,
  ],
  [
    'a body by gzip',
    marker => (_, response) => response.writeHead(400, { 'content-encoding': 'gzip' }).end(gzipSync(marker)),
    `${PLAIN}, in gzip`,
  ],
  [
    'a body by deflate',
    marker => (_, response) => response.writeHead(400, { 'content-encoding': 'deflate' }).end(deflateSync(marker)),
    `${PLAIN}, in zlib`,
  ],
  [
    'a body by bare deflate',
    marker => (_, response) => response.writeHead(400, { 'content-encoding': 'deflate' }).end(deflateRawSync(marker)),
    PLAIN,
  ],
])('%s', async (_, answer, found) => {
  expect(await findIn(answer)).toEqual([found])
})

it.each<[string, (marker: string) => RequestListener]>([
  ['the body of an answer that does not refuse', marker => (_, response) => response.end(marker)],
  ['a cookie', marker => (_, response) => response.writeHead(400, { 'Set-Cookie': [`a=${marker}`, `b=${marker}`] }).end()],
])('but %s is meant for whoever asks', async (_, answer) => {
  expect(await findIn(answer)).toEqual([])
})

describe('T10 a signed link', () => {
  const link = `https://store.example/x?X-Amz-Signature=${'0a'.repeat(32)}`
  const told: RequestListener = (_, response) => response.writeHead(200).end(JSON.stringify({ url: link }))
  const found = ['answer: a signed link (X-Amz-Signature, plain)']

  it.each(['tasks/x?view=FULL', 'tasks/x/attempts', 'tasks/x/placement', 'tasks/x/events', 'tasks/x/outputs', 'locations', 'uploads/x'])(
    'that is told by %s is found',
    async path => {
      expect(await findIn(() => told, `/portolan/v1/${path}`)).toEqual(found)
    },
  )

  it('that comes in parts of a stream of events is found', async () => {
    const stream: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`id: 1\ndata: ${link.slice(0, 60)}`)
      response.write(`${link.slice(60)}\n\n`)
      response.end()
    }
    expect(await findIn(() => stream, '/portolan/v1/events')).toEqual(found)
  })

  it.each([
    '/portolan/v1/tasks/x/outputs/0/link',
    '/portolan/v1/uploads/x/links',
    '/ga4gh/drs/v1/objects/x.0/access/link',
    '/ga4gh/drs/v1/objects/access',
    '/portolan/v1/tasks/x/outputs/0/bytes',
  ])('that is what was asked for is not looked for: %s', async path => {
    expect(await findIn(() => told, path)).toEqual([])
    expect(await findIn(() => (_, response) => response.writeHead(403).end(link), path)).toEqual([
      'error body: a signed link (X-Amz-Signature, plain)',
    ])
  })
})
