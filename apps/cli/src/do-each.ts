/**
 * The same small thing for each of several ids: one that is refused keeps no other from being asked for.
 */
import { ApiError } from '@portolan/ga4gh'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { describeFailure, describeLines } from './failure.ts'
import type { Session } from './session.ts'

/** What is told of an id that was done, as a sentence and as JSON. */
export interface Told {
  readonly line: string
  readonly record: object
}

/** Answers the exit code of the first refusal. */
export async function doEach(ids: readonly string[], { output, signal }: Session, act: (id: string) => Promise<Told>): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done
  for (const id of ids) {
    try {
      const { line, record } = await act(id)
      if (output.json) output.record(record)
      else output.print([[line]])
    } catch (error) {
      if (!(error instanceof ApiError) || signal.aborted) throw error
      const failure = describeFailure(error)
      output.fail(describeLines(failure), { id, ...failure })
      if (exit === EXIT.done) exit = failure.exitCode
    }
  }
  return exit
}
