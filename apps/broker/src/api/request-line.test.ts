/**
 * Requests as they stand on the wire, which no client library would write.
 */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { call } from '../../test/call.ts'
import { startApi } from '../../test/start-api.ts'

async function send(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`)
  return await text(socket)
}

describe('the request line and its host', () => {
  it.each([
    { title: 'in absolute form for this host', url: 'http://HOST/ga4gh/tes/v1/tasks', hosts: ['HOST'], status: 200 },
    { title: 'in absolute form for another host', url: 'http://evil.example/ga4gh/tes/v1/tasks', hosts: ['HOST'], status: 400 },
    { title: 'in absolute form for another host, twice', url: 'http://evil.example/tasks', hosts: ['evil.example'], status: 403 },
    { title: 'with two hosts', url: '/ga4gh/tes/v1/tasks', hosts: ['HOST', 'evil.example'], status: 400 },
  ])('$title is answered with $status', async ({ url, hosts, status }) => {
    await using api = await startApi()
    const own = (part: string): string => part.replace('HOST', `127.0.0.1:${api.port}`)
    const answer = await send(api.port, [`GET ${own(url)} HTTP/1.1`, ...hosts.map(host => `Host: ${own(host)}`)])
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })
})

describe('a body that is not UTF-8', () => {
  it.each(['/ga4gh/tes/v1/tasks', '/portolan/v1/placements'])('is refused at %s', async path => {
    await using api = await startApi()
    const body = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])
    const answer = await call(api.port, { method: 'POST', path, body })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('The body is not valid UTF-8. Send one JSON document in UTF-8.')
  })
})
