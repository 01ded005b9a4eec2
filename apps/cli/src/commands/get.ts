import { TesView } from '@portolan/tes'
import { Command, Option } from 'commander'
import { stringify } from 'yaml'
import * as z from 'zod/mini'
import { EXIT } from '../exit-codes.ts'
import { cleanDeep } from '../output/escape.ts'
import type { MakeCommand } from './command.ts'

const Options = z.object({ view: TesView })

export const makeGet: MakeCommand = run => {
  const command = new Command('get')
    .description('Show one task.')
    .argument('<id>')
    .addOption(viewOption())
    .action((id: string) =>
      run(command, async session => {
        const { view } = Options.parse(command.opts())
        await using connection = await session.connect()
        const task = await connection.tes.getTask(id, { view, signal: session.signal })
        if (session.output.json) session.output.document(task)
        else session.output.printText(stringify(cleanDeep(task), { lineWidth: 0 }))
        return EXIT.done
      }),
    )
  return command
}

export function viewOption(): Option {
  return new Option('--view <view>', 'how much of a task: FULL has log texts and inline content').choices(TesView.options).default('BASIC')
}
