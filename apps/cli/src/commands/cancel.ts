import { Command } from 'commander'
import { doEach } from '../do-each.ts'
import type { MakeCommand } from './command.ts'

export const makeCancel: MakeCommand = run => {
  const command = new Command('cancel')
    .description('Ask to cancel tasks. Their state follows later; one that is refused keeps no other from being asked for.')
    .argument('<id...>')
    .action((ids: string[]) =>
      run(command, async session => {
        await using connection = await session.connect()
        return await doEach(ids, session, async id => {
          await connection.tes.cancelTask(id, { signal: session.signal })
          return { line: `${id} is asked to end`, record: { id, asked: true } }
        })
      }),
    )
  return command
}
