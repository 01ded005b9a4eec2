/**
 * What is known of the tasks that are watched, and how it is laid out. Pure.
 */
import { formatDuration } from '@portolan/federation'
import { isTerminal, type TerminalState, type TesState } from '@portolan/tes'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type Line, showState } from '../output/line.ts'
import { createTable, cropLine } from '../output/table.ts'

export interface Watched {
  readonly id: string
  readonly name?: string | undefined
  readonly site?: string | undefined
  /** Undefined: not seen yet. */
  readonly state?: TesState | undefined
  /** When the state was first seen, ms since 1970. */
  readonly since?: number | undefined
}

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** Lines of a screen that are not for tasks: the head, the summary, and where the cursor stands. */
const OTHER_LINES = 3

/** The live table: as many tasks as the screen holds, those that go on first; below it how many have ended, and what troubles the watch. */
export function layOut(tasks: readonly Watched[], trouble: string, now: number, { columns, rows }: Size): readonly Line[] {
  const room = Math.max(1, rows - OTHER_LINES)
  const going = tasks.filter(({ state }) => !isTerminal(state))
  const shown = tasks.length <= room ? tasks : [...going, ...tasks.filter(({ state }) => isTerminal(state))].slice(0, room)
  const table = createTable(['id', 'state', 'for', 'site', 'name']).add(shown.map(task => rowOf(task, now)))
  const rest = shown.length < tasks.length ? `, ${tasks.length - shown.length} not shown` : ''
  const summary = `${tasks.length - going.length} of ${tasks.length} ended${rest}${trouble === '' ? '' : `; ${trouble}`}`
  return [...table, [{ text: summary, style: trouble === '' ? 'dim' : 'yellow' } as const]].map(line => cropLine(line, columns - 1))
}

function rowOf({ id, state, since, site = '-', name = '' }: Watched, now: number): Line {
  const lasts = since === undefined || isTerminal(state) ? '' : formatDuration(Math.max(0, Math.floor((now - since) / 1000)) * 1000)
  return [id, state === undefined ? '' : showState(state), lasts, site, name]
}

/** How a command ends that watched tasks to these ends: the highest number counts. */
export function fateOf(states: readonly (TesState | undefined)[]): ExitCode {
  const codes = states.map(state => (isTerminal(state) ? FATES[state] : EXIT.done))
  return codes.sort((a, b) => b - a)[0] ?? EXIT.done
}

const FATES: Readonly<Record<TerminalState, ExitCode>> = {
  COMPLETE: EXIT.done,
  CANCELED: EXIT.canceled,
  PREEMPTED: EXIT.preempted,
  EXECUTOR_ERROR: EXIT.executorError,
  SYSTEM_ERROR: EXIT.systemError,
}
