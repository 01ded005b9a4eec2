/**
 * The writers: each sends creates one after the other and tries nothing twice. What had no whole answer is not acknowledged.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { call } from '../../apps/broker/test/call.ts'
import type { Random } from './random.ts'
import { TOOL } from './world.ts'

export const WRITERS = 32
/** Longest pause of a writer between two creates. */
const PAUSE_MAX_MS = 6_000
/** One task in so many works for a second or two, so that kills meet tasks that run; the others end at once. */
const LONG_ONE_IN = 5
/** While nobody listens a writer looks again after this time. */
const CLOSED_MS = 100
/** The store cannot write now; the command may be there all the same. */
const UNAVAILABLE = 503

/** A create that reached the broker, or may have. */
export interface Create {
  readonly nonce: string
  /** The id that the broker answered; absent: not acknowledged. */
  readonly id?: string | undefined
}

export interface Writers {
  readonly creates: readonly Create[]
  /** All writers that pause send at once. Resolves with the answer number `answers`, or after the time. */
  rush(answers: number, timeoutMs: number): Promise<void>
  /** Resolves when the last create has had its answer, or never will have. */
  stop(): Promise<void>
}

export function startWriters(port: number, token: string, random: Random): Writers {
  const creates: Create[] = []
  const ending = new AbortController()
  let gate = Promise.withResolvers<void>()
  let acknowledged = 0
  let answered: { readonly count: number; readonly reached: () => void } | undefined

  function note(sent: Create): void {
    creates.push(sent)
    if (sent.id === undefined) return
    acknowledged += 1
    if (answered && acknowledged >= answered.count) answered.reached()
  }

  async function write(writer: number): Promise<void> {
    for (let count = 0; !ending.signal.aborted; count++) {
      await Promise.race([
        gate.promise,
        delay(random.between(0, PAUSE_MAX_MS), undefined, { signal: ending.signal }).catch(() => undefined),
      ])
      if (ending.signal.aborted) return
      const nonce = `w${writer}-${count}`
      const sent = await create(port, token, nonce, random.between(1, LONG_ONE_IN) === 1 ? random.between(1, 2) : 0)
      if (sent === 'closed') await delay(CLOSED_MS)
      else note(sent)
    }
  }

  const writing = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
  // What goes wrong is told by stop().
  writing.catch(() => undefined)
  return {
    creates,
    async rush(answers, timeoutMs) {
      const { promise, resolve } = Promise.withResolvers<void>()
      answered = { count: acknowledged + answers, reached: resolve }
      gate.resolve()
      gate = Promise.withResolvers<void>()
      const late = new AbortController()
      await Promise.race([promise, delay(timeoutMs, undefined, { signal: late.signal }).catch(() => undefined)])
      late.abort()
    },
    async stop() {
      ending.abort()
      await writing
    },
  }
}

async function create(port: number, token: string, nonce: string, seconds: number): Promise<Create | 'closed'> {
  const body = JSON.stringify({ name: nonce, executors: [{ image: 'journal', command: [TOOL, nonce, String(seconds)] }] })
  try {
    const answer = await call(port, { method: 'POST', path: '/ga4gh/tes/v1/tasks', headers: { authorization: `Bearer ${token}` }, body })
    if (answer.status === 200) return { nonce, id: idIn(answer.text) }
    if (answer.status === UNAVAILABLE) return { nonce }
    throw new UnexpectedAnswer(`a create was answered with ${answer.status}: ${answer.text}`)
  } catch (error) {
    if (error instanceof UnexpectedAnswer) throw error
    return isRefused(error) ? 'closed' : { nonce }
  }
}

class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer'
}

/** Nobody listened: not a byte was read. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
}

function idIn(text: string): string {
  const answer: unknown = JSON.parse(text)
  if (typeof answer === 'object' && answer !== null && 'id' in answer && typeof answer.id === 'string') return answer.id
  throw new UnexpectedAnswer(`the answer to a create is not {"id"}: ${text}`)
}
