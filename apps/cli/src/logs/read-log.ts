/**
 * What a task has written until now: from a broker, which also asks the site of a task that runs, or from any TES server, as it shows it.
 */
import type { LiveLog } from '@portolan/broker/portolan-schemas'
import type { ReadTaskLog, TesState } from '@portolan/tes'
import type { Connection } from '../connect.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { TextTail } from './new-text.ts'

export interface ReadLog {
  readonly state: TesState
  readonly executors: readonly { readonly stdout?: TextTail | undefined; readonly stderr?: TextTail | undefined }[]
  readonly system: readonly string[]
  /** Why there may be more that is not shown yet. */
  readonly why?: string | undefined
}

export type LogReader = (signal: AbortSignal) => Promise<ReadLog>

/** Finds out at the first read what the server is. */
export function createLogReader({ tes, broker }: Pick<Connection, 'tes' | 'broker'>, id: string): LogReader {
  let isBroker = true
  return async signal => {
    if (isBroker) {
      try {
        return ofBroker(await broker.getLogs(id))
      } catch (error) {
        if (!(error instanceof Failure) || error.exitCode !== EXIT.notOffered) throw error
        isBroker = false
      }
    }
    const { state, logs } = await tes.getTask(id, { view: 'FULL', signal })
    return { state, ...ofTask(logs?.at(-1)) }
  }
}

function ofBroker({ state, executors, system_logs: system, why }: LiveLog): ReadLog {
  return { state, executors, system, why }
}

/** The last try is the one that counts. */
function ofTask(log: ReadTaskLog | undefined): Pick<ReadLog, 'executors' | 'system'> {
  const executors = (log?.logs ?? []).map(({ stdout, stderr }) => ({
    ...(stdout !== undefined && { stdout: wholeOf(stdout) }),
    ...(stderr !== undefined && { stderr: wholeOf(stderr) }),
  }))
  return { executors, system: log?.system_logs ?? [] }
}

function wholeOf(text: string): TextTail {
  return { text, from: 0, total: text.length }
}
