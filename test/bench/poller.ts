/**
 * Clients that poll, in a process of their own, so that what others send does not count as waiting. Asked for a load, it answers the times.
 */
import process from 'node:process'
import { applyLoad } from './load.ts'
import { getRequest } from './task.ts'

export interface PollQuestion {
  readonly port: number
  readonly ids: readonly string[]
  readonly connections: number
  readonly pauseMs: number
  readonly ms: number
}

process.on('disconnect', () => process.exit())
process.on('message', ({ port, ids, connections, pauseMs, ms }: PollQuestion) => {
  const next = (): string => getRequest(`/${ids[Math.floor(Math.random() * ids.length)] ?? ''}`)
  applyLoad({ port, connections, ms, pauseMs, next }).then(
    ({ latencies }) => process.send?.(latencies),
    () => process.exit(1),
  )
})
// It listens to nobody else.
process.send?.(0)
