/**
 * Follows tasks to their end and answers with their fate. It only looks: ending it early cancels nothing.
 */
import { ApiError } from '@portolan/ga4gh'
import { isTerminal, type TesState } from '@portolan/tes'
import type { TesClient } from '@portolan/tes/client'
import type { Connection } from '../connect.ts'
import type { ExitCode } from '../exit-codes.ts'
import type { Session } from '../session.ts'
import { siteOf } from '../show-task.ts'
import { createChangeView } from './change-view.ts'
import { followStates } from './follow-states.ts'
import { fateOf, type Watched } from './watched.ts'

export async function watchTasks(session: Session, connection: Connection, tasks: readonly Watched[]): Promise<ExitCode> {
  const { output, signal } = session
  const known = new Map(tasks.map(task => [task.id, task]))
  using view = createChangeView(output, Date.now)
  // One change after the other, so that they are told in their order.
  let told = Promise.resolve()

  async function tell(id: string, state: TesState, since: number): Promise<void> {
    const before = known.get(id)
    const details = before?.site === undefined && mayHaveSite(state) ? await readDetails(connection.tes, id, signal) : undefined
    const changed = { ...before, ...details, id, state, since }
    known.set(id, changed)
    view.show(changed, [...known.values()])
  }

  try {
    await followStates(connection, [...known.keys()], {
      signal,
      onState(state, id) {
        const since = Date.now()
        told = told.then(() => tell(id, state, since))
      },
      onTrouble: says => view.trouble(says),
    })
  } catch (error) {
    if (signal.aborted) output.note(`No longer watching; ${[...known.values()].filter(isGoing).length} of the tasks go on`)
    throw error
  } finally {
    await told
  }
  const ended = [...known.values()]
  for (const { id, state } of ended) if (state !== 'COMPLETE') output.note(`${id} ended as ${state}; see portolan logs ${id}`)
  return fateOf(ended.map(({ state }) => state))
}

function isGoing({ state }: Watched): boolean {
  return !isTerminal(state)
}

/** No site is chosen while a task waits. */
function mayHaveSite(state: TesState): boolean {
  return state !== 'QUEUED' && state !== 'UNKNOWN'
}

/** Name and site; nothing if the server cannot be asked now, since they are not what is waited for. */
async function readDetails(tes: TesClient, id: string, signal: AbortSignal): Promise<Pick<Watched, 'name' | 'site'>> {
  try {
    const task = await tes.getTask(id, { view: 'BASIC', signal })
    return { name: task.name, site: siteOf(task) }
  } catch (error) {
    if (error instanceof ApiError) return {}
    throw error
  }
}
