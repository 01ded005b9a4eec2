import { ApiError } from '@portolan/ga4gh'
import { Command } from 'commander'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { describeFailure, describeLines } from '../failure.ts'
import type { MakeCommand } from './command.ts'

export const makeCancel: MakeCommand = run => {
  const command = new Command('cancel')
    .description('Ask to cancel tasks. Their state follows later; one that is refused keeps no other from being asked for.')
    .argument('<id...>')
    .action((ids: string[]) =>
      run(command, async session => {
        const { output, signal } = session
        await using connection = await session.connect()
        let exit: ExitCode = EXIT.done
        for (const id of ids) {
          try {
            await connection.tes.cancelTask(id, { signal })
            if (output.json) output.record({ id, asked: true })
            else output.print([[`${id} is asked to end`]])
          } catch (error) {
            if (!(error instanceof ApiError) || signal.aborted) throw error
            const failure = describeFailure(error)
            output.fail(describeLines(failure), { id, ...failure })
            if (exit === EXIT.done) exit = failure.exitCode
          }
        }
        return exit
      }),
    )
  return command
}
