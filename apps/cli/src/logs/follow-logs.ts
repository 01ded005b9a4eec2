/**
 * Follows what a task writes to its end, and answers with its fate: it looks again and again, and at once when something has happened to the task. Who
 * has once seen the log outlives any outage of the server; only what will be the same again, such as a task that is gone, ends it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { ApiError, mayPass } from '@portolan/ga4gh'
import { isTerminal, type TesState } from '@portolan/tes'
import type { Connection } from '../connect.ts'
import { followEvents } from '../events/follow-events.ts'
import type { ExitCode } from '../exit-codes.ts'
import type { Session } from '../session.ts'
import { fateOf } from '../watch/watched.ts'
import { createLogPrinter, type LogKind } from './log-printer.ts'
import { createLogReader } from './read-log.ts'

const MOST_FAILURES = 3
const LONGEST_PAUSE_MS = 30_000

export interface FollowedLogs {
  readonly id: string
  readonly only: LogKind | undefined
  readonly intervalMs: number
}

export async function followLogs(session: Session, connection: Connection, { id, only, intervalMs }: FollowedLogs): Promise<ExitCode> {
  const { output, signal } = session
  const read = createLogReader(connection, id)
  const printer = createLogPrinter(output, only)
  const over = new AbortController()
  const following = AbortSignal.any([signal, over.signal])
  const news = listen(connection, id, following)
  let told = ''
  const tell = (says: string): void => {
    if (says !== told && says !== '') output.note(says)
    told = says
  }
  try {
    let state: TesState | undefined
    for (let failures = 0; ; ) {
      try {
        const log = await read(signal)
        printer.show(log)
        tell(log.why ?? '')
        state = log.state
        failures = 0
      } catch (error) {
        failures += 1
        if (!(error instanceof ApiError) || signal.aborted || isEnough(error, failures, state !== undefined)) throw error
        tell(`${error.message}; looking again`)
      }
      if (state !== undefined && isTerminal(state)) break
      const pauseMs = Math.max(intervalMs, Math.min(LONGEST_PAUSE_MS, intervalMs * 2 ** failures))
      await Promise.race([delay(pauseMs, undefined, { signal: following }), news.next()])
    }
    if (state !== 'COMPLETE') output.note(`${id} ended as ${state}`)
    return fateOf([state])
  } finally {
    over.abort()
  }
}

/** `seen`: the log was there before. What is wrong from the beginning is mostly the address, the credential or the id. */
function isEnough(error: ApiError, failures: number, seen: boolean): boolean {
  if (mayPass(error)) return !seen && failures >= MOST_FAILURES
  return !seen || failures >= MOST_FAILURES
}

/** What happens to the task, where the server tells. Where it does not, nothing ever comes. */
function listen({ openStream }: Connection, id: string, signal: AbortSignal): { readonly next: () => Promise<void> } {
  let coming = Promise.withResolvers<void>()
  void (async () => {
    for await (const news of followEvents(openStream, { task: id, signal })) {
      if (news === 'begun') continue
      coming.resolve()
      coming = Promise.withResolvers()
    }
  })().catch(() => undefined)
  return { next: () => coming.promise }
}
