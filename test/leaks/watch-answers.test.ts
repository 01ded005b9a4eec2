/**
 * What a server says when it refuses is seen whole: head and body, however it is sent.
 */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import { needlesOf } from './needles.ts'
import { watchRemains } from './remains.ts'
import { makeMarker } from './secrets.ts'

/** What is found of the marker in an answer of a broker, which is known by its request's id. */
async function findIn(answer: (marker: string) => RequestListener): Promise<readonly string[]> {
  const marker = makeMarker()
  const watch = watchRemains(needlesOf(marker))
  onTestFinished(() => watch.end())
  const server = createServer((request, response) => {
    response.setHeader('x-request-id', 'a')
    answer(marker)(request, response)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const asked = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
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
