import { describe, expect, it } from 'vitest'
import { type Block, parseStream } from './parse-stream.ts'

async function parse(...chunks: readonly (string | Uint8Array)[]): Promise<readonly Block[]> {
  async function* body() {
    for (const chunk of chunks) yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk
  }
  const blocks: Block[] = []
  for await (const block of parseStream(body())) blocks.push(block)
  return blocks
}

const message = (data?: string, id?: string, event = 'message'): Block => ({ id, event, data })

describe('a stream of server-sent events', () => {
  it.each<[string, string, readonly Block[]]>([
    ['an event with its name and id', 'id: 7\nevent: task\ndata: {"a":1}\n\n', [message('{"a":1}', '7', 'task')]],
    ['data of several lines', 'data: a\ndata:b\ndata\n\n', [message('a\nb\n')]],
    ['every kind of line end', 'data: a\r\n\r\ndata: b\r\rdata: c\n\n', [message('a'), message('b'), message('c')]],
    ['an id without an event', ':\nid: 9\n\n', [message(undefined, '9')]],
    ['colons in values, one blank and fields that nobody knows', 'data:  a:b\nretry: 10\nwhat: x\n\n', [message(' a:b')]],
    ['no id that holds a NUL', 'id: a\0b\ndata: x\n\n', [message('x')]],
    ['nothing that has no end', 'data: whole\n\ndata: half\n', [message('whole')]],
    ['empty lines between', '\n\n\ndata: a\n\n\n\n', [message('a')]],
  ])('is read: %s', async (_, text, blocks) => {
    expect(await parse(text)).toEqual(blocks)
  })

  it('may be cut anywhere on its way, within a sign and a line end too', async () => {
    const bytes = new TextEncoder().encode('id: 1\r\ndata: grüße 😀\r\n\r\nid: 2\r\ndata: b\r\n\r\n')
    const whole = await parse(bytes)
    expect(whole).toEqual([message('grüße 😀', '1'), message('b', '2')])
    for (let at = 1; at < bytes.length; at++) expect(await parse(bytes.slice(0, at), bytes.slice(at))).toEqual(whole)
    expect(await parse(...Array.from(bytes, byte => Uint8Array.of(byte)))).toEqual(whole)
  })

  it.each([
    ['a line', 'x'.repeat(2_000_000)],
    ['an event of many lines', 'x\n'.repeat(1_000_000)],
  ])('is given up where %s has no end', async (_, text) => {
    await expect(parse(`data: ${text}`)).rejects.toThrow('without end')
  })

  it('may have events without end', async () => {
    const chunk = `data: ${'x'.repeat(100_000)}\n\n`
    expect(await parse(...Array.from({ length: 30 }, () => chunk))).toHaveLength(30)
  })
})
