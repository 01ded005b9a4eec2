/**
 * A client of server-sent events that keeps all that comes.
 */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { TaskEvent } from '../../apps/broker/src/api/data-schemas.ts'

export interface FollowedStream {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** In the order in which they came. */
  readonly events: TaskEvent[]
  /** Ids of all blocks, those without an event too. */
  readonly ids: string[]
  /** What the server asks for before a client comes back, ms. */
  retry(): number | undefined
  /** Settles when the connection is over: true if the server has ended it well. */
  readonly ended: Promise<boolean>
  /** Stops taking what comes, or goes on. */
  pause(): void
  resume(): void
  close(): void
}

export async function followStream(url: string, headers: Readonly<Record<string, string>> = {}): Promise<FollowedStream> {
  const sent = request(url, { agent: false, headers: { accept: 'text/event-stream', ...headers } })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  sent.on('error', () => undefined)
  const events: TaskEvent[] = []
  const ids: string[] = []
  let retry: number | undefined
  let text = ''
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const blocks = `${text}${chunk}`.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      for (const line of block.split('\n')) {
        if (line.startsWith('id: ')) ids.push(line.slice(4))
        if (line.startsWith('data: ')) events.push(JSON.parse(line.slice(6)))
        if (line.startsWith('retry: ')) retry = Number(line.slice(7))
      }
    }
  })
  const ended = new Promise<boolean>(resolve => {
    response.once('close', () => resolve(response.complete))
    response.once('error', () => resolve(false))
  })
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    events,
    ids,
    retry: () => retry,
    ended,
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    close: () => void sent.destroy(),
  }
}
