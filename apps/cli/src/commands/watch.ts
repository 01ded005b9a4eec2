import type { TesClient } from '@portolan/tes/client'
import { Command, Option } from 'commander'
import * as z from 'zod/mini'
import { EXIT } from '../exit-codes.ts'
import { parseNumber } from '../settings.ts'
import { siteOf } from '../show-task.ts'
import { watchTasks } from '../watch/watch-tasks.ts'
import type { Watched } from '../watch/watched.ts'
import type { MakeCommand } from './command.ts'

const DEFAULT_INTERVAL_SECONDS = 2
const LONGEST_INTERVAL_SECONDS = 3_600
/** CANCELING is left out: it is near its end, and servers of TES 1.0 refuse the word. */
const GOING = ['QUEUED', 'INITIALIZING', 'RUNNING', 'PAUSED'] as const
const PAGE_SIZE = 256

const Options = z.object({ interval: z.number() })

export const makeWatch: MakeCommand = run => {
  const command = new Command('watch')
    .description('Watch tasks to their end, and end as they do.')
    .argument('[id...]', 'without one: all tasks that have not ended yet')
    .addOption(intervalOption())
    .action((ids: string[]) =>
      run(command, async session => {
        const { interval } = Options.parse(command.opts())
        await using connection = await session.connect({ pollIntervalMs: interval * 1000 })
        const tasks =
          ids.length > 0 ? await readTasks(connection.tes, ids, session.signal) : await findGoing(connection.tes, session.signal)
        if (tasks.length > 0) return await watchTasks(session, connection, tasks)
        session.output.note('There is no task that has not ended')
        return EXIT.done
      }),
    )
  return command
}

export function intervalOption(): Option {
  return new Option('--interval <seconds>', 'between two looks, where the server tells nothing by itself')
    .default(DEFAULT_INTERVAL_SECONDS)
    .argParser(text => parseNumber(text, LONGEST_INTERVAL_SECONDS))
}

/** An id that the server does not know is an error at once. */
async function readTasks(tes: TesClient, ids: readonly string[], signal: AbortSignal): Promise<readonly Watched[]> {
  const tasks: Watched[] = []
  for (const id of new Set(ids)) {
    const task = await tes.getTask(id, { view: 'BASIC', signal })
    tasks.push({ id, name: task.name, site: siteOf(task) })
  }
  return tasks
}

/** State by state in the order of a task's life, so that one which moves on meanwhile is met later, and what has ended long ago is not walked through. */
async function findGoing(tes: TesClient, signal: AbortSignal): Promise<readonly Watched[]> {
  const tasks = new Map<string, Watched>()
  for (const state of GOING) {
    for await (const task of tes.listTasks({ state, view: 'BASIC', pageSize: PAGE_SIZE, signal })) {
      tasks.set(task.id, { id: task.id, name: task.name, site: siteOf(task) })
    }
  }
  return [...tasks.values()]
}
