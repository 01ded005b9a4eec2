/**
 * Server-sent events as they come (WHATWG HTML, section 9.2.6). Pure but for what it reads.
 */
export interface Block {
  readonly id?: string | undefined
  /** Default `message`. */
  readonly event: string
  /** Absent: the block brings no event, but maybe an id. */
  readonly data?: string | undefined
}

/** A longer event is none of ours. */
const MOST_CHARACTERS = 1024 * 1024

/** Throws what reading throws, and where an event has no end. What is left at the end without an empty line behind it is dropped. */
export async function* parseStream(body: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  const decoder = new TextDecoder()
  let text = ''
  let lines: string[] = []
  let held = 0
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    // A CR at the end may be the half of a CRLF.
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text
    const parts = whole.split(/\r\n|\r|\n/)
    text = (parts.pop() ?? '') + text.slice(whole.length)
    for (const line of parts) {
      if (line !== '') {
        lines.push(line)
        held += line.length + 1
      } else if (lines.length > 0) {
        yield readBlock(lines)
        lines = []
        held = 0
      }
    }
    if (held + text.length > MOST_CHARACTERS) throw new Error('the stream of events has an event without end')
  }
}

function readBlock(lines: readonly string[]): Block {
  const fields = lines.map(line => /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [])
  const valuesOf = (name: string): readonly string[] => fields.filter(([, key]) => key === name).map(([, , value = '']) => value)
  const data = valuesOf('data')
  return {
    id: valuesOf('id').findLast(id => !id.includes('\0')),
    event: valuesOf('event').at(-1) || 'message',
    data: data.length > 0 ? data.join('\n') : undefined,
  }
}
