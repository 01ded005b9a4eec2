import { ApiError, pause } from '@portolan/ga4gh'
import type { TesClient } from '@portolan/tes/client'
import { Command, Option } from 'commander'
import * as z from 'zod/mini'
import { EXIT } from '../exit-codes.ts'
import { describeFailure, Failure, whenToTryAgain } from '../failure.ts'
import { readTasks, type SourceTask } from '../read-tasks.ts'
import type { Session } from '../session.ts'
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
          const id = await submitPatiently(connection.tes, source, idempotencyKey, session)
          if (session.output.json) session.output.record({ source: source.label, id })
          else session.output.print([[id]])
          submitted.push({ id, name: source.task.name })
        }
        return watch ? await watchTasks(session, connection, submitted) : EXIT.done
      }),
    )
  for (const option of taskOptions()) command.addOption(option)
  return command
}

/** Comes again as the server asks, for as long as one request may take, where it surely has not taken the task. */
async function submitPatiently(
  tes: TesClient,
  { label, task }: SourceTask,
  idempotencyKey: string | undefined,
  { settings, output, signal }: Session,
): Promise<string> {
  const giveUpAt = Date.now() + settings.timeout * 1000
  for (let waited = false; ; waited = true) {
    try {
      return (await tes.createTask(task, { idempotencyKey, signal })).id
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const waitMs = waitOf(error)
      if (waitMs === undefined || Date.now() + waitMs > giveUpAt) throw describeSubmission(error, label, idempotencyKey)
      if (!waited) output.note(`${label}: ${error.message}; waiting as the server asks`)
      await pause(waitMs, signal)
    }
  }
}

const SHORTEST_WAIT_MS = 1_000

/** How long the server wants to be left alone, if it would take the task then. */
function waitOf({ code, delivery, retryAfterMs }: ApiError): number | undefined {
  if (delivery !== 'refused' || (code !== 'too_many_requests' && code !== 'server_error')) return undefined
  return retryAfterMs === undefined ? undefined : Math.max(SHORTEST_WAIT_MS, retryAfterMs)
}

function describeSubmission(error: ApiError, label: string, idempotencyKey: string | undefined): Failure {
  const { message, ...described } = describeFailure(error)
  return new Failure(`${label}: ${message}`, { ...described, fix: nextStep(error, idempotencyKey) ?? described.fix, cause: error })
}

function nextStep(error: ApiError, idempotencyKey: string | undefined): string | undefined {
  const later = whenToTryAgain(error)
  if (later !== undefined) return `Nothing was created. ${later}`
  if (error.delivery !== 'unknown') return undefined
  const again = idempotencyKey === undefined ? 'look with portolan list before you submit it again' : 'submit it again with the same key'
  return `The server may have taken the task: ${again}.`
}
