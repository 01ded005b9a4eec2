/**
 * Turns a task log as a site shows it into one as the standard wants it.
 */
import type { ReadTaskLog, TesState, TesTaskLog } from '@portolan/tes'

/** The exit code that stands for one that a site does not tell of an executor that failed. */
const UNKNOWN_FAILURE = -1

/**
 * Sites leave exit codes out while an executor runs, and some lose them with the container. An executor without one is shown with 0 if the
 * task is complete; if the task has ended otherwise and the executor has too, with -1; else not at all. A size that is not told is 0.
 */
export function completeLog(log: ReadTaskLog, state: TesState): TesTaskLog {
  const { logs, outputs, ...rest } = log
  return {
    ...rest,
    logs: logs.flatMap(executor => {
      const exit_code = executor.exit_code ?? guessExitCode(executor.end_time !== undefined, state)
      return exit_code === undefined ? [] : [{ ...executor, exit_code }]
    }),
    outputs: outputs.map(output => ({ ...output, size_bytes: output.size_bytes ?? '0' })),
  }
}

function guessExitCode(hasEnded: boolean, state: TesState): number | undefined {
  if (state === 'COMPLETE') return 0
  return hasEnded || state === 'EXECUTOR_ERROR' ? UNKNOWN_FAILURE : undefined
}
