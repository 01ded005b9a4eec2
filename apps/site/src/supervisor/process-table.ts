/**
 * What `/proc` says of processes. A process is named by its pid and its start time, because pids come back.
 */
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessMark {
  readonly pid: number
  /** Clock ticks since boot, as `/proc/PID/stat` has it (field 22). */
  readonly startTime: string
}

export interface ProcessEntry extends ProcessMark {
  readonly state: string
  readonly parent: number
  readonly session: number
}

/** The living process with this pid; a zombie is not alive. */
export function readMark(pid: number): ProcessMark | undefined {
  const entry = readEntry(pid)
  return entry && entry.state !== 'Z' ? { pid, startTime: entry.startTime } : undefined
}

export function isAlive(mark: ProcessMark): boolean {
  return readMark(mark.pid)?.startTime === mark.startTime
}

function readEntry(pid: number): ProcessEntry | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // The name of the program stands in parentheses and may hold anything: what follows the last one is safe to split.
  const [state, parent, , session, ...rest] = text.slice(text.lastIndexOf(') ') + 2).split(' ')
  const startTime = rest[15]
  if (!state || !parent || !session || !startTime) return undefined
  return { pid, startTime, state, parent: Number(parent), session: Number(session) }
}

export function listProcesses(): ProcessEntry[] {
  const entries: ProcessEntry[] = []
  for (const name of readdirSync('/proc')) {
    const entry = /^[0-9]+$/.test(name) ? readEntry(Number(name)) : undefined
    if (entry && entry.state !== 'Z') entries.push(entry)
  }
  return entries
}

/** True if the process was started with this `NAME=value` in its environment, as far as we may look. */
export function hasEnvironment(pid: number, assignment: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}\0`.includes(`\0${assignment}\0`)
  } catch {
    return false
  }
}
