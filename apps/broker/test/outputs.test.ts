/**
 * Outputs over the wire: who sees them, who gets a link, and bytes that pass through the broker.
 */
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, vi } from 'vitest'
import { OutputLink, OutputList } from '../src/api/data-schemas.ts'
import { type OutputsTest, openOutputs, type Who } from './outputs-parts.ts'

const RESULT = 's3://b/results/a.txt'
const RELAYED = 's3://r/a.bin'

/** `status`, and the kind of the error if it is one. */
async function told(open: OutputsTest, who: Who, method: string, path: string): Promise<string> {
  const { status, text } = await open.ask(who, method, path)
  const type: unknown = status < 400 ? '' : JSON.parse(text).type
  return typeof type === 'string' ? `${status} ${type.replace('urn:portolan:error:', '')}`.trim() : `${status}`
}

const listOf = (id: string): string => `/portolan/v1/tasks/${id}/outputs`
const linkOf = (id: string, number = 0): string => `${listOf(id)}/${number}/link`
const bytesOf = (id: string, number = 0): string => `${listOf(id)}/${number}/bytes`

describe('the outputs of a task', () => {
  it('are shown as they were measured, with how their bytes are had, and without any link', async () => {
    await using open = await openOutputs()
    const digests = [{ type: 'md5', checksum: 'aa' }]
    const id = await open.finish([
      {
        url: RESULT,
        path: '/out/a.txt',
        sizeBytes: '7',
        location: open.direct.location,
        etag: '"1"',
        digests,
        modifiedAt: 1_800_000_000_000,
      },
      { url: RELAYED, path: '/out/a.bin', sizeBytes: '8', location: open.relayed.location },
      { url: 's3://elsewhere/x', path: '/out/x' },
      { url: `${RESULT}.refused`, path: '/out/y' },
    ])
    const answer = OutputList.parse(JSON.parse((await open.ask('ada', 'GET', listOf(id))).text))
    expect(answer).toEqual({
      task: id,
      state: 'COMPLETE',
      measured: true,
      outputs: [
        {
          number: 0,
          url: RESULT,
          path: '/out/a.txt',
          bytes: 7,
          location: 'b',
          etag: '"1"',
          checksums: digests,
          modified_at: '2027-01-15T08:00:00.000Z',
          drs: `drs://127.0.0.1:8080/${id}.0`,
          delivery: 'direct',
        },
        { number: 1, url: RELAYED, path: '/out/a.bin', bytes: 8, location: 'r', delivery: 'relay' },
        {
          number: 2,
          url: 's3://elsewhere/x',
          path: '/out/x',
          delivery: 'none',
          why: 'It lies at no declared location: fetch it from its address by rights of your own.',
        },
        {
          number: 3,
          url: `${RESULT}.refused`,
          path: '/out/y',
          delivery: 'none',
          why: 'Nobody has measured it at its store when the task ended, so this broker hands it out to nobody: fetch it from its address by rights of your own.',
        },
      ],
    })
    expect(open.links).toEqual([])
  })

  it('of a task under way are what it has declared', async () => {
    await using open = await openOutputs()
    const documentText = JSON.stringify({ executors: [], outputs: [{ url: RESULT, path: '/out/a.txt' }] })
    const id = await open.finish([], { documentText }, 'RUNNING')
    expect(JSON.parse((await open.ask('ada', 'GET', listOf(id))).text)).toEqual({
      task: id,
      state: 'RUNNING',
      measured: false,
      outputs: [{ number: 0, url: RESULT, path: '/out/a.txt', delivery: 'none', why: 'The task has not ended.' }],
    })
    expect(await told(open, 'ada', 'POST', linkOf(id))).toBe('409 outputs-not-ready')
    expect(await told(open, 'ada', 'GET', bytesOf(id))).toBe('409 outputs-not-ready')
  })

  it('come page by page, each once', async () => {
    await using open = await openOutputs()
    const id = await open.finish(Array.from({ length: 5 }, (_, i) => ({ url: `s3://b/${i}`, path: `/out/${i}` })))
    const seen: number[] = []
    let token: string | undefined
    do {
      const query = token === undefined ? '' : `&page_token=${token}`
      const page = OutputList.parse(JSON.parse((await open.ask('ada', 'GET', `${listOf(id)}?page_size=2${query}`)).text))
      seen.push(...page.outputs.map(({ number }) => number))
      token = page.next_page_token
    } while (token !== undefined)
    expect(seen).toEqual([0, 1, 2, 3, 4])
    expect(await told(open, 'ada', 'GET', `${listOf(id)}?page_token=x`)).toBe('400 bad-page-token')
  })
})

describe('a link to an output', () => {
  it('is made for whoever may have the bytes, and stands in the answer alone', async () => {
    await using open = await openOutputs()
    const id = await open.leave(open.direct, RESULT, 'a result')
    const answer = await open.ask('ada', 'POST', linkOf(id))
    expect([answer.status, answer.headers['cache-control']]).toEqual([201, 'no-store'])
    const link = OutputLink.parse(JSON.parse(answer.text))
    expect(link).toMatchObject({ url: `${RESULT}?signed`, relayed: false, bytes: 8 })
    expect(Date.parse(link.expires_at) - Date.now()).toBeLessThanOrEqual(900_000)
    expect((await open.ask('ada', 'GET', listOf(id))).text).not.toContain('signed')
    expect(open.api.accessLines.join('\n')).not.toContain('signed')
  })

  it('leads through the broker where a person cannot reach the store', async () => {
    await using open = await openOutputs()
    const id = await open.leave(open.relayed, RELAYED, 'a result')
    const link = OutputLink.parse(JSON.parse((await open.ask('ada', 'POST', linkOf(id))).text))
    expect(link).toMatchObject({ relayed: true, url: `http://127.0.0.1:8080${bytesOf(id)}` })
    expect(open.links).toEqual([])
  })

  const visible = { visibility: 'project' } as const
  const rows: readonly (readonly [sentence: string, who: Who, changes: object, said: string])[] = [
    ['T03 is for the owner', 'ada', {}, '201'],
    ['T03 is not for somebody else, who does not even hear that there is a task', 'bob', visible, '404 task-unknown'],
    ['T03 is for a member where the project lets its members see the task', 'carl', visible, '201'],
    ['T03 is not for a member where it does not', 'carl', {}, '404 task-unknown'],
    ['T03 is not for an administrator, who sees what there is and fetches nothing', 'admin', {}, '403 bytes-not-yours'],
  ]
  it.each(rows)('%s', async (_, who, changes, said) => {
    await using open = await openOutputs()
    const id = await open.leave(open.direct, RESULT, 'a result', changes)
    expect(await told(open, who, 'POST', linkOf(id))).toBe(said)
    expect(open.links).toHaveLength(said === '201' ? 1 : 0)
  })

  it('T03 is made for nobody where the data is to be computed with and not handed out', async () => {
    await using open = await openOutputs()
    const id = await open.leave(open.direct, 's3://b/compute/a', 'secret')
    expect(await told(open, 'ada', 'POST', linkOf(id))).toBe('403 bytes-stay')
    expect(await told(open, 'ada', 'GET', bytesOf(id))).toBe('403 bytes-stay')
    expect(open.links).toEqual([])
  })

  it('is not made to what the location hands out to nobody, nor to what lies at none', async () => {
    await using open = await openOutputs()
    const id = await open.finish([
      { url: 's3://k/a', path: '/a', sizeBytes: '1', location: 'k' as never },
      { url: 's3://gone/a', path: '/b', sizeBytes: '1', location: 'gone' as never },
      { url: 's3://nowhere/a', path: '/c', sizeBytes: '1' },
    ])
    for (const number of [0, 1, 2]) expect(await told(open, 'ada', 'POST', linkOf(id, number))).toBe('403 bytes-stay')
    expect(await told(open, 'ada', 'POST', linkOf(id, 3))).toBe('404 output-unknown')
    expect(await told(open, 'ada', 'POST', `${listOf(id)}/x/link`)).toBe('404 output-unknown')
  })

  it('T03 is not made to what has taken the place of the output', async () => {
    await using open = await openOutputs()
    const id = await open.leave(open.direct, RESULT, 'a result')
    open.direct.put(RESULT, 'b result')
    expect(await told(open, 'ada', 'POST', linkOf(id))).toBe('409 output-changed')
    open.direct.remove(RESULT)
    expect(await told(open, 'ada', 'POST', linkOf(id))).toBe('409 output-changed')
    expect(open.links).toEqual([])
  })

  it('is not made while the store cannot be asked, and the answer says when to come again', async () => {
    await using open = await openOutputs()
    const id = await open.leave(open.direct, RESULT, 'a result')
    open.direct.fault = 'unreachable'
    const answer = await open.ask('ada', 'POST', linkOf(id))
    expect([answer.status, answer.headers['retry-after'], answer.text.includes('The store of the test')]).toEqual([503, '10', false])
  })

  it('is not the address of bytes that do not pass, where none can be made', async () => {
    await using open = await openOutputs()
    const id = await open.leave(open.direct, RESULT, 'a result')
    open.makesLinks = false
    expect(await told(open, 'ada', 'POST', linkOf(id))).toBe('503 location-unavailable')
  })
})

describe('bytes that pass through the broker', () => {
  const CONTENT = 'zero one two three'
  const STILL_OPEN = 'The connection is still open'

  it('are those of the output, whole or in part', async () => {
    await using open = await openOutputs()
    const id = await open.leave(open.relayed, RELAYED, CONTENT)
    const whole = await open.ask('ada', 'GET', bytesOf(id))
    expect([whole.status, whole.text, whole.headers['content-length'], whole.headers['accept-ranges']]).toEqual([
      200,
      CONTENT,
      '18',
      'bytes',
    ])
    expect(whole.headers['content-disposition']).toBe("attachment; filename*=UTF-8''result%20%C3%A9.txt")
    const part = await open.ask('ada', 'GET', bytesOf(id), { range: 'bytes=5-7' })
    expect([part.status, part.text, part.headers['content-range']]).toEqual([206, 'one', 'bytes 5-7/18'])
    const rest = await open.ask('ada', 'GET', bytesOf(id), { range: 'bytes=13-', 'if-match': String(whole.headers.etag) })
    expect([rest.status, rest.text]).toEqual([206, 'three'])
    const none = await open.ask('ada', 'GET', bytesOf(id), { range: 'bytes=18-' })
    expect([none.status, none.text, none.headers['content-range']]).toEqual([416, '', 'bytes */18'])
    expect([open.passed, open.relayed.open()]).toEqual([[18, 3, 5], 0])
  })

  it('are not sent for HEAD, which asks the store for nothing', async () => {
    await using open = await openOutputs()
    const id = await open.leave(open.relayed, RELAYED, CONTENT)
    const head = await open.ask('ada', 'HEAD', bytesOf(id))
    expect([head.status, head.headers['content-length'], open.relayed.asked.filter(one => one.startsWith('read'))]).toEqual([200, '18', []])
  })

  it('are of one version: a part of another is sent whole, or not at all', async () => {
    await using open = await openOutputs()
    const id = await open.leave(open.relayed, RELAYED, CONTENT)
    const whole = await open.ask('ada', 'GET', bytesOf(id), { range: 'bytes=0-3', 'if-range': '"other"' })
    expect([whole.status, whole.text]).toEqual([200, CONTENT])
    expect((await open.ask('ada', 'GET', bytesOf(id), { range: 'bytes=0-3', 'if-match': '"other"' })).status).toBe(409)
    open.relayed.put(RELAYED, 'zero one two Three')
    expect(await told(open, 'ada', 'GET', bytesOf(id))).toBe('409 output-changed')
  })

  it('T03 are for nobody but those who could have a link', async () => {
    await using open = await openOutputs()
    const id = await open.leave(open.relayed, RELAYED, CONTENT)
    expect(await told(open, 'bob', 'GET', bytesOf(id))).toBe('404 task-unknown')
    expect(await told(open, 'admin', 'GET', bytesOf(id))).toBe('403 bytes-not-yours')
    expect(open.relayed.asked.filter(one => one.startsWith('read'))).toEqual([])
  })

  it.each([
    ['more', (part: Uint8Array) => Buffer.concat([part, Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil')])],
    ['many more', (part: Uint8Array) => Buffer.concat([part, Buffer.alloc(1_000_000, 'x')])],
    ['less', (part: Uint8Array) => part.subarray(0, -1)],
  ])('T03 are never %s than was promised, whatever a store sends, and the connection says so', async (_, lie) => {
    await using open = await openOutputs()
    const id = await open.leave(open.relayed, RELAYED, CONTENT)
    open.relayed.sends = lie
    const socket = connect(open.api.port, '127.0.0.1')
    socket.write(`GET ${bytesOf(id)} HTTP/1.1\r\nHost: a\r\nX-Who: ada\r\n\r\n`)
    socket.setTimeout(3_000, () => socket.destroy(new Error(STILL_OPEN)))
    const said = await text(socket).catch((error: Error) => error.message)
    const [, body = ''] = said.split(/\r\n\r\n/)
    expect([said === STILL_OPEN, body.length < CONTENT.length]).toEqual([false, true])
  })

  it('do not pass where a link opens them', async () => {
    await using open = await openOutputs()
    const id = await open.leave(open.direct, RESULT, CONTENT)
    expect(await told(open, 'ada', 'GET', bytesOf(id))).toBe('403 bytes-stay')
  })

  it('end at the store when the person has gone, who had taken less than all', async () => {
    await using open = await openOutputs()
    const id = await open.leave(open.relayed, RELAYED, new Uint8Array(64 * 1024 * 1024))
    await new Promise<void>((resolve, reject) => {
      const asking = request({ port: open.api.port, path: bytesOf(id), headers: { 'x-who': 'ada' } }, answer => {
        answer.once('data', () => {
          asking.destroy()
          resolve()
        })
      })
      asking.on('error', reject).end()
    })
    await expect.poll(() => [open.relayed.open(), open.passed.length]).toEqual([0, 1])
    expect(open.passed[0]).toBeLessThan(64 * 1024 * 1024)
  })

  it('are no further in memory than a person who does not read has taken them', async () => {
    await using open = await openOutputs()
    const id = await open.leave(open.relayed, RELAYED, new Uint8Array(64 * 1024 * 1024))
    const answer = await beginAnswer(open, id)
    answer.pause()
    await expect.poll(() => open.relayed.open()).toBe(1)
    answer.destroy()
    await expect.poll(() => open.relayed.open()).toBe(0)
    expect(open.passed[0]).toBeLessThan(32 * 1024 * 1024)
  })

  it('T16 pass for four at once of one person, whose fifth waits, while whoever comes next finds a place', async () => {
    await using open = await openOutputs()
    const id = await open.leave(open.relayed, RELAYED, CONTENT, { visibility: 'project' })
    open.relayed.fault = 'silence'
    const asking = Array.from({ length: 12 }, () => askFor(open, id))
    const reads = () => open.relayed.asked.filter(one => one.startsWith('read')).length
    await expect.poll(reads).toBe(4)
    open.relayed.fault = undefined
    expect((await open.ask('ada', 'HEAD', bytesOf(id))).status).toBe(200)
    expect((await open.ask('carl', 'GET', bytesOf(id))).text).toBe(CONTENT)
    expect(reads()).toBe(5)
    asking[0]?.destroy()
    await expect.poll(reads).toBe(13)
    for (const one of asking) one.destroy()
  })

  it('T16 of which next to nothing is taken hold no place for long', async () => {
    await using open = await openOutputs({
      patience: { headersMs: 60_000, requestMs: 60_000, bodyMs: 25, idleMs: 60_000, checkMs: 60_000 },
    })
    const id = await open.leave(open.relayed, RELAYED, new Uint8Array(64 * 1024 * 1024))
    const answer = await beginAnswer(open, id)
    answer.on('error', () => undefined).pause()
    await vi.waitFor(() => expect([open.relayed.open(), open.passed.length]).toEqual([0, 1]), { timeout: 5_000 })
    expect(open.passed[0]).toBeLessThan(64 * 1024 * 1024)
    answer.destroy()
  })

  it('T02 end when the credential does', async () => {
    await using open = await openOutputs({ streams: { judgeMs: 50 } })
    const id = await open.leave(open.relayed, RELAYED, new Uint8Array(64 * 1024 * 1024))
    const answer = await beginAnswer(open, id)
    answer.on('error', () => undefined).pause()
    await expect.poll(() => open.relayed.open()).toBe(1)
    open.revoked.add('ada')
    await vi.waitFor(() => expect(open.relayed.open()).toBe(0), { timeout: 5_000 })
    answer.destroy()
  })

  it('T03 are not those of another file of the same size, where the store names no versions', async () => {
    await using open = await openOutputs()
    const facts = { etag: undefined, modifiedAt: Date.now() }
    open.relayed.put(RELAYED, CONTENT, facts)
    const file = { url: RELAYED, path: '/out/a', sizeBytes: String(CONTENT.length), location: open.relayed.location }
    const id = await open.finish([{ ...file, modifiedAt: facts.modifiedAt }])
    expect((await open.ask('ada', 'GET', bytesOf(id), { range: 'bytes=5-7' })).text).toBe('one')
    open.relayed.put(RELAYED, CONTENT.toUpperCase(), { ...facts, modifiedAt: facts.modifiedAt + 1_000 })
    expect(await told(open, 'ada', 'GET', bytesOf(id))).toBe('409 output-changed')
  })
})

/** Of Ada, who reads nothing. */
function askFor(open: OutputsTest, id: string): ClientRequest {
  const sent = request({ port: open.api.port, path: bytesOf(id), headers: { 'x-who': 'ada' } })
  sent.on('error', () => undefined).end()
  return sent
}

async function beginAnswer(open: OutputsTest, id: string): Promise<IncomingMessage> {
  const [answer] = await once(askFor(open, id), 'response')
  return answer
}
