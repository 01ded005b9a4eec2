/**
 * Follows the states of tasks to their ends: by the events of a broker, and by looking again and again where a server has none or its stream is lost.
 */
import { isTerminal, type TesState } from '@portolan/tes'
import type { Connection } from '../connect.ts'
import { followEvents, NoStream } from '../events/follow-events.ts'

export interface StateFollower {
  readonly signal: AbortSignal
  /** Hears of each state when it is first seen. */
  readonly onState: (state: TesState, id: string) => void
  /** Hears of what went wrong where it goes on all the same. */
  readonly onTrouble: (says: string) => void
}

const LOOKS_AT_ONCE = 8

/** Resolves when all have ended. Rejects with an `ApiError`: `aborted`, or what the server said of a task three times. */
export async function followStates(
  { tes, openStream }: Pick<Connection, 'tes' | 'openStream'>,
  ids: readonly string[],
  { signal, onState, onTrouble }: StateFollower,
): Promise<void> {
  const open = new Set(ids)
  const seen = new Map<string, TesState>()
  const over = new AbortController()
  const following = AbortSignal.any([signal, over.signal])

  function see(id: string, state: TesState): void {
    if (!open.has(id) || seen.get(id) === state) return
    seen.set(id, state)
    onState(state, id)
    if (isTerminal(state)) open.delete(id)
    if (open.size === 0) over.abort()
  }

  /** The states to begin with. An event that has come meanwhile is newer. */
  async function lookAtAll(): Promise<void> {
    const waiting = [...ids]
    const look = async (): Promise<void> => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
        const { state } = await tes.getTask(id, { signal: following })
        if (!seen.has(id)) see(id, state)
      }
    }
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, look))
  }

  let looking: Promise<void> | undefined
  const [only] = ids.length === 1 ? ids : []
  const onBreak = (says: string): void => onTrouble(`The stream of events broke: ${says}; going on after its last one`)
  try {
    for await (const news of followEvents(openStream, { task: only, signal: following, onBreak })) {
      // What cannot be looked at now is looked at by whoever goes on from here.
      if (news === 'begun') looking = lookAtAll().catch(() => over.abort())
      else see(news.task, news.state)
    }
  } catch (error) {
    if (!(error instanceof NoStream)) throw error
    if (looking) onTrouble(`The stream of events is lost: ${error.message}; looking again and again instead`)
  }
  await looking
  if (open.size === 0) return
  await tes.waitForTasks([...open], {
    view: 'MINIMAL',
    signal,
    onState: (state, id) => see(id, state),
    onTrouble: error => onTrouble(`${error.message}; looking again`),
  })
}
