import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { stage } from './serve.ts'

/** One answer: its status and headers, its bytes, and whether nothing comes behind them. */
interface Turn {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
  readonly cut?: boolean
}

const whole = (body: string, headers: Record<string, string> = {}): Turn => ({
  status: 200,
  headers: { 'content-length': String(body.length), ...headers },
  body,
})
const first = (etag?: string): Turn => ({
  status: 200,
  headers: { 'content-length': '10', ...(etag !== undefined && { etag }) },
  body: '01234',
  cut: true,
})
const part = (range: string, body: string, headers: Record<string, string> = { etag: '"a"' }): Turn => ({
  status: 206,
  headers: { 'content-range': `bytes ${range}`, 'content-length': String(body.length), ...headers },
  body,
})

function send(turn: Turn, response: ServerResponse): void {
  response.writeHead(turn.status, turn.headers)
  if (turn.cut) response.write(turn.body)
  else response.end(turn.body)
}

/** Stages a file from a server that answers by these turns, the last one again and again. */
async function fetchBy(turns: readonly Turn[]) {
  const ranges: IncomingHttpHeaders['range'][] = []
  const { state, stdout, notes } = await stage(
    (request, response) => {
      ranges.push(request.headers.range)
      send(turns[ranges.length - 1] ?? turns.at(-1) ?? whole(''), response)
    },
    ['cat', '/in/x'],
    { idleMs: 150 },
  )
  return { state, stdout, notes, ranges }
}

describe('a file whose first transfer broke off after 5 of 10 bytes', () => {
  const rows: [title: string, turns: Turn[], ranges: (string | undefined)[], stdout: string][] = [
    [
      'is asked for until its last byte, where a part ends before it',
      [first('"a"'), part('5-6/10', '56'), part('7-9/10', '789')],
      [undefined, 'bytes=5-', 'bytes=7-'],
      '0123456789',
    ],
    [
      'goes on as often as whole parts come',
      [first('"a"'), ...[5, 6, 7, 8, 9].map(at => part(`${at}-${at}/10`, String(at)))],
      [undefined, ...[5, 6, 7, 8, 9].map(from => `bytes=${from}-`)],
      '0123456789',
    ],
    [
      'goes on where a part is broken off, too',
      [
        first('"a"'),
        {
          ...part('5-9/10', '56', { etag: '"a"' }),
          headers: { etag: '"a"', 'content-range': 'bytes 5-9/10', 'content-length': '5' },
          cut: true,
        },
        part('7-9/10', '789'),
      ],
      [undefined, 'bytes=5-', 'bytes=7-'],
      '0123456789',
    ],
    [
      'goes on where a part does not say of how many bytes, since the first answer did',
      [first('"a"'), part('5-9/*', '56789')],
      [undefined, 'bytes=5-'],
      '0123456789',
    ],
    [
      'is begun anew where the part is of another version',
      [first('"a"'), part('5-9/10', 'XXXXX', { etag: '"b"' }), whole('abcdefghij')],
      [undefined, 'bytes=5-', undefined],
      'abcdefghij',
    ],
    [
      'is begun anew where the part does not say of which version',
      [first('"a"'), part('5-9/10', 'XXXXX', {}), whole('abcdefghij')],
      [undefined, 'bytes=5-', undefined],
      'abcdefghij',
    ],
    [
      'is begun anew where the part is of a file of another length',
      [first('"a"'), part('5-6/7', 'XX'), whole('abcdefg')],
      [undefined, 'bytes=5-', undefined],
      'abcdefg',
    ],
    [
      'is begun anew where the part is another one than was asked for',
      [first('"a"'), part('4-9/10', 'XXXXXX'), whole('abcdefghij')],
      [undefined, 'bytes=5-', undefined],
      'abcdefghij',
    ],
    [
      'is begun anew where the part holds more bytes than it says',
      [first('"a"'), part('5-6/10', 'XXXXX'), whole('abcdefghij')],
      [undefined, 'bytes=5-', undefined],
      'abcdefghij',
    ],
    [
      'is begun anew where the server says that it ends before',
      [first('"a"'), { status: 416, body: '' }, whole('abc')],
      [undefined, 'bytes=5-', undefined],
      'abc',
    ],
    [
      'is whole where the server sends it again, another version even',
      [first('"a"'), whole('abc', { etag: '"b"' })],
      [undefined, 'bytes=5-'],
      'abc',
    ],
    [
      'is asked for as a whole where nothing tells its versions apart',
      [first(), whole('abcdefghij')],
      [undefined, undefined],
      'abcdefghij',
    ],
  ]
  for (const [title, turns, ranges, stdout] of rows) {
    it(title, async () => {
      expect(await fetchBy(turns)).toEqual({ state: 'COMPLETE', stdout, notes: '', ranges })
    })
  }

  it('fails where the server never has the same file twice', async () => {
    const { state, notes, ranges } = await fetchBy([first('"a"'), part('5-9/10', 'XXXXX', {}), first('"a"'), part('5-9/10', 'XXXXX', {})])
    expect(state).toBe('SYSTEM_ERROR')
    expect(ranges).toHaveLength(4)
    expect(notes).toContain('/x changed while it was fetched')
  })
})

describe('an input that comes packed although it was asked for as it is', () => {
  it('is refused: the task would read other bytes than those of the file', async () => {
    const { state, notes, ranges } = await fetchBy([whole('packed', { 'content-encoding': 'gzip' })])
    expect(state).toBe('SYSTEM_ERROR')
    expect(ranges).toHaveLength(1)
    expect(notes).toContain('/x comes packed (Content-Encoding: gzip)')
  })

  it('is taken where the server only says that it is not packed', async () => {
    expect(await fetchBy([whole('plain', { 'content-encoding': 'identity' })])).toMatchObject({ state: 'COMPLETE', stdout: 'plain' })
  })

  it('is taken where an S3 server only says how it came there', async () => {
    expect(await fetchBy([whole('plain', { 'content-encoding': 'aws-chunked' })])).toMatchObject({ state: 'COMPLETE', stdout: 'plain' })
  })
})
