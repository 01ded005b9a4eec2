import type { ReadExecutorLog, ReadTaskLog } from '@portolan/tes'
import { Command, Option } from 'commander'
import * as z from 'zod/mini'
import { EXIT } from '../exit-codes.ts'
import { followLogs } from '../logs/follow-logs.ts'
import type { LogKind } from '../logs/log-printer.ts'
import type { Output } from '../output/output.ts'
import { Flag } from '../settings.ts'
import type { MakeCommand } from './command.ts'
import { intervalOption } from './watch.ts'

const Options = z.object({ stdout: Flag, stderr: Flag, system: Flag, follow: Flag, interval: z.number() })
type Options = z.infer<typeof Options>

export const makeLogs: MakeCommand = run => {
  const command = new Command('logs')
    .description('Show what a task wrote, each executor in turn, and what the system says of it.')
    .argument('<id>')
    .addOption(new Option('--stdout', 'standard output of the executors alone, without headings'))
    .addOption(new Option('--stderr', 'standard error of the executors alone, without headings').conflicts('stdout'))
    .addOption(new Option('--system', 'what the system says alone, without headings').conflicts(['stdout', 'stderr']))
    .addOption(new Option('-f, --follow', 'go on with what the task writes until it ends, and end as it does'))
    .addOption(intervalOption())
    .action((id: string) =>
      run(command, async session => {
        const { output, signal } = session
        const options = Options.parse(command.opts())
        await using connection = await session.connect()
        if (options.follow) {
          return await followLogs(session, connection, { id, only: kindOf(options), intervalMs: options.interval * 1000 })
        }
        const { state, logs = [] } = await connection.tes.getTask(id, { view: 'FULL', signal })
        if (output.json) output.document({ id, state, logs })
        else if (options.stdout || options.stderr || options.system) for (const text of pick(logs, options)) output.printText(text)
        else if (!printAll(output, logs)) output.note(`${id} is ${state} and has no logs yet`)
        return EXIT.done
      }),
    )
  return command
}

function kindOf({ stdout, stderr, system }: Options): LogKind | undefined {
  if (stdout) return 'stdout'
  if (stderr) return 'stderr'
  return system ? 'system' : undefined
}

function pick(logs: readonly ReadTaskLog[], { stdout, stderr }: Options): readonly string[] {
  return logs.flatMap(log => {
    if (stdout) return log.logs.map(executor => executor.stdout ?? '')
    if (stderr) return log.logs.map(executor => executor.stderr ?? '')
    return log.system_logs ?? []
  })
}

/** False if there was nothing to print. */
function printAll(output: Output, logs: readonly ReadTaskLog[]): boolean {
  let printed = false
  const section = (title: string, text: string): void => {
    if (text.trim() === '') return
    output.print([[{ text: `== ${title}`, style: 'bold' }]])
    output.printText(text)
    printed = true
  }
  for (const [attempt, log] of logs.entries()) {
    const where = logs.length > 1 ? `attempt ${attempt + 1}, ` : ''
    for (const [index, executor] of log.logs.entries()) {
      const who = `${where}executor ${index + 1}${sayExit(executor)}`
      section(`${who}, stdout`, executor.stdout ?? '')
      section(`${who}, stderr`, executor.stderr ?? '')
    }
    section(`${where}system`, (log.system_logs ?? []).join('\n'))
  }
  return printed
}

function sayExit({ exit_code }: ReadExecutorLog): string {
  return exit_code === undefined ? '' : ` (exit code ${exit_code})`
}
