import { ApiError } from '@portolan/ga4gh'
import type { TesClient } from '@portolan/tes/client'
import { Command, Option } from 'commander'
import * as z from 'zod/mini'
import { EXIT } from '../exit-codes.ts'
import { describeFailure, Failure } from '../failure.ts'
import { readTasks, type SourceTask } from '../read-tasks.ts'
import { Flag } from '../settings.ts'
import { readTaskOptions, taskOptions } from '../task-options.ts'
import { watchTasks } from '../watch/watch-tasks.ts'
import type { Watched } from '../watch/watched.ts'
import type { MakeCommand } from './command.ts'
import { intervalOption } from './watch.ts'

const Options = z.object({ watch: Flag, idempotencyKey: z.optional(z.string()), interval: z.number() })

export const makeSubmit: MakeCommand = run => {
  const command = new Command('submit')
    .description('Submit tasks and print their ids, in the order of the files.')
    .argument('<file...>', 'JSON or YAML, - for standard input; a file may hold several tasks')
    .addOption(new Option('--watch', 'then watch them to their end, and end as they do'))
    .addOption(intervalOption())
    .addOption(new Option('--idempotency-key <key>', 'equal requests with this key make one task, where the server knows it'))
    .action((files: string[]) =>
      run(command, async session => {
        const { watch, idempotencyKey, interval } = Options.parse(command.opts())
        const tasks = await readTasks(files, readTaskOptions(command), session)
        if (idempotencyKey !== undefined && tasks.length > 1) {
          throw new Failure('--idempotency-key is given for several tasks', { fix: 'Submit them one by one, each with a key of its own.' })
        }
        await using connection = await session.connect({ pollIntervalMs: interval * 1000 })
        const submitted: Watched[] = []
        for (const source of tasks) {
          const id = await submit(connection.tes, source, idempotencyKey, session.signal)
          if (session.output.json) session.output.record({ source: source.label, id })
          else session.output.print([[id]])
          submitted.push({ id, name: source.task.name })
        }
        return watch ? await watchTasks(session, connection.tes, submitted) : EXIT.done
      }),
    )
  for (const option of taskOptions()) command.addOption(option)
  return command
}

async function submit(
  tes: TesClient,
  { label, task }: SourceTask,
  idempotencyKey: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  try {
    return (await tes.createTask(task, { idempotencyKey, signal })).id
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const { message, ...described } = describeFailure(error)
    const again = idempotencyKey === undefined ? 'look with portolan list before you submit it again' : 'submit it again with the same key'
    const fix = error.delivery === 'unknown' ? `The server may have taken the task: ${again}.` : described.fix
    throw new Failure(`${label}: ${message}`, { ...described, fix, cause: error })
  }
}
