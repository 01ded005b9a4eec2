import { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import { describeMe } from '../show-me.ts'
import type { MakeCommand } from './command.ts'

export const makeMe: MakeCommand = run => {
  const command = new Command('me')
    .description('Show who you are at a broker, what you may, and what is missing if you are in no project.')
    .action(() =>
      run(command, async session => {
        await using connection = await session.connect()
        const me = await connection.broker.getMe()
        if (session.output.json) session.output.document(me)
        else session.output.print(describeMe(me))
        return EXIT.done
      }),
    )
  return command
}
