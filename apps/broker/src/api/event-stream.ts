/**
 * Streams of server-sent events (WHATWG HTML, section 9.2). Each reads its own pages from its own place and writes no more than its client takes, so a
 * slow one costs the memory of one page. The credential is judged again while a stream lasts. How many there may be is bounded.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { WorkId } from '@portolan/federation'
import type { Principal } from '../auth/principal.ts'
import type { EventFeed, FedEvent } from '../events/event-feed.ts'
import type { EventObserver } from '../events/observer.ts'
import { beatText, beginText, eventsText } from './event-text.ts'
import { exchangeOf } from './exchange.ts'
import { Refusal } from './refusal.ts'

export interface StreamRules {
  /** Between two signs of life, ms. */
  readonly beatMs: number
  /** Between two looks at the credential, ms. */
  readonly judgeMs: number
  /** Whose client takes nothing for so many beats loses the stream. */
  readonly stalledBeats: number
  readonly perPerson: number
  readonly perProcess: number
}
export const STREAM_RULES: StreamRules = { beatMs: 15_000, judgeMs: 60_000, stalledBeats: 4, perPerson: 16, perProcess: 2_000 }

/** Events in one write. */
const PAGE = 256
const RETRY_AFTER_SECONDS = '10'

export interface StreamParts {
  readonly feed: EventFeed
  readonly observer: Pick<EventObserver, 'streamOpened' | 'streamEnded' | 'sent'>
  /** Who asks, by their credential as it is now; undefined: they may not any more. */
  readonly judgeAgain: (request: IncomingMessage) => Promise<Principal | undefined>
  readonly rules: StreamRules
  readonly now: () => number
  readonly report: (error: unknown, requestId: string) => void
}

export interface AskedStream {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly principal: Principal
  /** Of it alone; the stream ends with it. */
  readonly task?: WorkId | undefined
  readonly after: number
  /** Leaves what an audit wants of a page before it is shown. */
  readonly note: (principal: Principal, events: readonly FedEvent[]) => Promise<unknown> | undefined
}

export interface EventStreams {
  /** Begins the answer; it goes on by itself. Throws where there are too many. */
  open(asked: AskedStream): void
  /** Ends all of them, and each new one at once: clients come back elsewhere, or later. */
  end(): void
}

export function createEventStreams(parts: StreamParts): EventStreams {
  const { feed, observer, judgeAgain, rules, now, report } = parts
  const byPerson = new Map<string, number>()
  const ending = new AbortController()
  let open = 0

  function enter(person: string): void {
    const own = byPerson.get(person) ?? 0
    if (own >= rules.perPerson) throw tooMany(`You have ${own} streams of events open`)
    if (open >= rules.perProcess) throw tooMany('As many streams of events are open as this broker keeps')
    byPerson.set(person, own + 1)
    open += 1
    observer.streamOpened()
  }

  function leave(person: string): void {
    const left = (byPerson.get(person) ?? 1) - 1
    if (left > 0) byPerson.set(person, left)
    else byPerson.delete(person)
    open -= 1
    observer.streamEnded()
  }

  /** Reads and writes until the task is over, or `signal` says that it is enough. */
  async function feedTo({ response, task, note }: AskedStream, stream: OpenStream, signal: AbortSignal): Promise<void> {
    const news = createSignal(signal)
    const forget = feed.onNews(news.give)
    try {
      for (let looked = false; ; looked = true) {
        const { events, after } = await feed.read(stream.principal, task, stream.after, PAGE)
        if (events.length > 0) {
          await note(stream.principal, events)
          if (signal.aborted) return
          const taken = response.write(eventsText(events))
          observer.sent(events.length)
          stream.after = after
          stream.pages += 1
          if (!taken) await drained(response, signal)
        }
        stream.after = after
        const isNew = !looked || events.length > 0
        if (signal.aborted || (task !== undefined && isNew && isOver(stream.principal, task, after))) return
        if (after >= feed.end()) await news.come()
      }
    } finally {
      forget()
    }
  }

  const isOver = (principal: Principal, task: WorkId, after: number): boolean => (feed.endOf(principal, task) ?? after + 1) <= after

  /** Each beat: a sign of life; now and then a look at the credential; and no patience without end. */
  function startBeats({ request, response }: AskedStream, stream: OpenStream, stop: () => void): () => void {
    let judgedAt = now()
    let waiting = 0
    let pages = 0
    const judge = async (): Promise<void> => {
      const principal = await judgeAgain(request).catch(() => undefined)
      if (principal) stream.principal = principal
      else stop()
    }
    const timer = setInterval(() => {
      // A client that is behind has always something to take; each page is written when the one before has been taken.
      waiting = response.writableNeedDrain && stream.pages === pages ? waiting + 1 : 0
      pages = stream.pages
      if (waiting >= rules.stalledBeats) return void response.destroy()
      if (!response.writableNeedDrain) response.write(beatText(stream.after))
      if (now() - judgedAt < rules.judgeMs) return
      judgedAt = now()
      void judge()
    }, rules.beatMs)
    return () => clearInterval(timer)
  }

  async function run(asked: AskedStream): Promise<void> {
    const { request, response, principal, after } = asked
    const stream: OpenStream = { principal, after, pages: 0 }
    const over = new AbortController()
    const stop = (): void => over.abort()
    response.once('close', stop)
    const stopBeats = startBeats(asked, stream, stop)
    try {
      await feedTo(asked, stream, AbortSignal.any([over.signal, ending.signal]))
    } catch (error) {
      report(error, exchangeOf(request).id)
    } finally {
      stopBeats()
      response.end()
    }
  }

  return {
    open(asked) {
      const { request, response, principal } = asked
      if (response.destroyed || request.socket.destroyed) return
      const person = JSON.stringify([principal.issuer, principal.subject])
      enter(person)
      response.once('close', () => leave(person))
      response.setHeader('Content-Type', 'text/event-stream; charset=utf-8')
      // A proxy that collects answers would keep the events until there are many.
      response.setHeader('X-Accel-Buffering', 'no')
      const exchange = exchangeOf(request)
      exchange.begunAfterMs = performance.now() - exchange.begunAt
      response.write(beginText(asked.after))
      void run(asked)
    },
    end: () => ending.abort(),
  }
}

interface OpenStream {
  principal: Principal
  /** What its client has been told, or may not see. */
  after: number
  /** Written so far. */
  pages: number
}

function tooMany(says: string): Refusal {
  return new Refusal('too-many-streams', says, { headers: { 'Retry-After': RETRY_AFTER_SECONDS } })
}

/** Resolves when the client has taken what was written, or will not take anything any more. */
function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      response.off('drain', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    response.once('drain', done)
    signal.addEventListener('abort', done)
    if (signal.aborted || !response.writableNeedDrain) done()
  })
}

/** News that come between two looks are not lost; an aborted signal counts as news. */
function createSignal(signal: AbortSignal): { readonly give: () => void; readonly come: () => Promise<void> } {
  let given = false
  let rouse: (() => void) | undefined
  const give = (): void => {
    given = true
    rouse?.()
  }
  signal.addEventListener('abort', give)
  return {
    give,
    async come() {
      if (!given) {
        await new Promise<void>(resolve => {
          rouse = resolve
        })
      }
      given = false
    },
  }
}
