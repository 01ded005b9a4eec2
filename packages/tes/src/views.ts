/**
 * The three views of a task (TES 1.1, parameter `view`) as three types, and the functions that cut a full task down to them.
 */
import * as z from 'zod/mini'
import type { TesState } from './state.ts'
import type { TesExecutorLog, TesInput, TesTask, TesTaskLog, TesTaskMinimal } from './task.ts'

export const TesView = z.enum(['MINIMAL', 'BASIC', 'FULL'])
export type TesView = z.infer<typeof TesView>

type TesExecutorLogBasic = Omit<TesExecutorLog, 'stdout' | 'stderr'>
type TesTaskLogBasic = Omit<TesTaskLog, 'logs' | 'system_logs'> & { logs: TesExecutorLogBasic[] }

/** Everything but inline content, log texts and system logs. */
export type TesTaskBasic = Omit<TesTask, 'id' | 'state' | 'inputs' | 'logs'> & {
  id: string
  state: TesState
  inputs?: Omit<TesInput, 'content'>[] | undefined
  logs?: TesTaskLogBasic[] | undefined
}

/** Everything. */
export type TesTaskFull = TesTask & { id: string; state: TesState }

export interface TesTaskByView {
  MINIMAL: TesTaskMinimal
  BASIC: TesTaskBasic
  FULL: TesTaskFull
}

export function toMinimal(task: TesTaskMinimal): TesTaskMinimal {
  return { id: task.id, state: task.state }
}

export function toBasic(task: TesTaskFull): TesTaskBasic {
  const { inputs, logs, ...rest } = task
  return {
    ...rest,
    ...(inputs && { inputs: inputs.map(({ content: _, ...input }) => input) }),
    ...(logs && {
      logs: logs.map(({ system_logs: _, logs: executors, ...log }) => ({
        ...log,
        logs: executors.map(({ stdout: _out, stderr: _err, ...executor }) => executor),
      })),
    }),
  }
}

/** The task as the view shows it. */
export function toView<V extends TesView>(task: TesTaskFull, view: V): TesTaskByView[V]
export function toView(task: TesTaskFull, view: TesView): TesTaskByView[TesView] {
  switch (view) {
    case 'MINIMAL':
      return toMinimal(task)
    case 'BASIC':
      return toBasic(task)
    case 'FULL':
      return task
  }
}
