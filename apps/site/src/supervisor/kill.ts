/**
 * Ends everything that belongs to an executor: the session of its supervisor, all descendants, and whatever carries its mark in the environment.
 *
 * A daemon that leaves the session, loses its parent and clears its environment is not found.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { hasEnvironment, isAlive, listProcesses, type ProcessEntry, type ProcessMark } from './process-table.ts'

/** The variable that marks the processes of an executor. */
export const MARK_VARIABLE = 'PORTOLAN_EXECUTOR'
const LOOK_MS = 25
const ROUNDS = 40

/** The processes of an executor, its supervisor left out so that it can still write the exit code. */
export function findProcesses(supervisor: ProcessMark | undefined, mark: string): ProcessEntry[] {
  const all = listProcesses()
  const root = supervisor && isAlive(supervisor) ? supervisor.pid : undefined
  // While a session has a member its number is given to no other process: a stranger under this pid means that the session is over.
  const hasSession =
    supervisor !== undefined && !all.some(entry => entry.pid === supervisor.pid && entry.startTime !== supervisor.startTime)
  const found = new Set<number>()
  for (const entry of all) {
    if (hasSession && entry.session === supervisor.pid) found.add(entry.pid)
    else if (hasEnvironment(entry.pid, `${MARK_VARIABLE}=${mark}`)) found.add(entry.pid)
  }
  // Parents may come later in the list than their children, so look until nothing is new.
  for (let before = -1; before !== found.size; ) {
    before = found.size
    for (const entry of all) if (found.has(entry.parent) || entry.parent === root) found.add(entry.pid)
  }
  return all.filter(entry => found.has(entry.pid) && entry.pid !== root && entry.pid !== process.pid)
}

/** SIGTERM to all, then SIGKILL to what is left after the grace time, looking anew each time. True if nothing is left. */
export async function killProcesses(supervisor: ProcessMark | undefined, mark: string, graceMs: number): Promise<boolean> {
  const known = new Map<number, ProcessMark>()
  const look = (): ProcessMark[] => {
    for (const entry of findProcesses(supervisor, mark)) known.set(entry.pid, entry)
    return [...known.values()].filter(isAlive)
  }
  send(look(), 'SIGTERM')
  for (const until = Date.now() + graceMs; Date.now() < until && look().length > 0; ) await delay(LOOK_MS)
  for (let round = 0; round < ROUNDS; round++) {
    const left = look()
    if (left.length === 0) return true
    send(left, 'SIGKILL')
    await delay(LOOK_MS)
  }
  return look().length === 0
}

function send(processes: readonly ProcessMark[], signal: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal)
    } catch {
      // It ended in between.
    }
  }
}
