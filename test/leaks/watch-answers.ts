/**
 * Shows the answers of servers in this process as they are sent: those that refuse, and metrics, whole and with their heads; of all others what can be
 * read, but for links that somebody has asked for.
 */
import { ServerResponse } from 'node:http'
import { unpackBody } from './packed.ts'

type Taken = 'error body' | 'metrics' | 'answer'

/** Routes whose very answer is a link, and what is in objects. */
const LINKS = /\/(outputs\/[^/]+\/(link|bytes)|uploads\/[^/]+\/links|objects\/([^/]+\/)?access(\/[^/]+)?)(\?|$)/

/**
 * From now on. `take` gets the head and the body. A cookie is left out of the head, since it is meant for whom it is sent to.
 */
export function watchAnswers(
  isWatched: (answer: ServerResponse) => boolean,
  take: (place: Taken, bytes: Buffer, answer: ServerResponse) => void,
): void {
  const [end, write] = [methodOf('end'), methodOf('write')]
  const bodies = new WeakMap<ServerResponse, Buffer[]>()
  const note = (answer: ServerResponse, chunk: unknown): void => {
    const isData = typeof chunk === 'string' || chunk instanceof Uint8Array
    if (answer.statusCode < 400 && answer.req.url !== '/metrics') {
      // A stream has no end: each part is shown as it comes.
      if (isData && isWatched(answer) && !LINKS.test(answer.req.url ?? '')) take('answer', Buffer.from(chunk), answer)
      return
    }
    const parts = bodies.get(answer) ?? []
    bodies.set(answer, parts)
    if (isData) parts.push(Buffer.from(chunk))
  }
  ServerResponse.prototype.write = function (this: ServerResponse, ...args: unknown[]): boolean {
    note(this, args[0])
    return Boolean(write(this, ...args))
  }
  ServerResponse.prototype.end = function (this: ServerResponse, ...args: unknown[]): ServerResponse {
    note(this, args[0])
    const body = bodies.get(this)
    bodies.delete(this)
    // Before it is sent: who has the answer may kill the server at once.
    if (body !== undefined && isWatched(this))
      take(this.statusCode < 400 ? 'metrics' : 'error body', describe(this, Buffer.concat(body)), this)
    end(this, ...args)
    return this
  }
}

function describe(answer: ServerResponse, body: Buffer): Buffer {
  const head = headOf(answer)
  const [, encoding = ''] = /^content-encoding: *(.*)\r$/im.exec(head) ?? []
  return Buffer.concat([Buffer.from(head.replace(/^set-cookie:.*\r\n/gim, ''), 'latin1'), unpackBody(encoding, body)])
}

/** The text of a head that is ready stands in the answer, whoever has set what is in it; else it will be made of what is set. */
function headOf(answer: ServerResponse): string {
  const ready: unknown = Reflect.get(answer, '_header')
  if (typeof ready === 'string') return ready
  const fields = Object.entries(answer.getHeaders()).map(([name, value]) => `${name}: ${String(value)}\r\n`)
  return [`${answer.statusMessage}\r\n`, ...fields, '\r\n'].join('')
}

function methodOf(name: 'end' | 'write'): (...args: unknown[]) => unknown {
  const method: unknown = Reflect.get(ServerResponse.prototype, name)
  if (typeof method !== 'function') throw new TypeError(`an answer has no method ${name}`)
  return (...args) => Reflect.apply(method, args[0], args.slice(1))
}
