/**
 * Events as they are shown, in JSON and as server-sent events.
 */
import type { FedEvent } from '../events/event-feed.ts'
import type { TaskEvent } from './data-schemas.ts'

export function showEvent({ number, at, kind, task, state, attempt, site }: FedEvent): TaskEvent {
  return {
    number,
    at: new Date(at).toISOString(),
    kind,
    task,
    state,
    ...(attempt !== undefined && { attempt }),
    ...(site !== undefined && { site }),
  }
}

/** How soon a client comes back that lost its stream, ms. */
const RETRY_MS = 1_000

/** Says what to go on after from the start: a connection that is lost before the first event loses none. */
export function beginText(after: number): string {
  return `retry: ${RETRY_MS}\nid: ${after}\n\n`
}

export function eventsText(events: readonly FedEvent[]): string {
  return events.map(textOf).join('')
}

/** Those who follow the same tasks are given the same events, and so the same text. */
const texts = new WeakMap<FedEvent, string>()

function textOf(event: FedEvent): string {
  const known = texts.get(event)
  if (known !== undefined) return known
  const text = `id: ${event.number}\nevent: task\ndata: ${JSON.stringify(showEvent(event))}\n\n`
  texts.set(event, text)
  return text
}

/** Keeps the connection, and says what to go on after: who may see little does not look at all the rest again. */
export function beatText(after: number): string {
  return `:\nid: ${after}\n\n`
}
