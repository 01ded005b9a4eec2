import { TesState, TesView } from '@portolan/tes'
import type { ReadBasic, ReadByView } from '@portolan/tes/client'
import { Command, Option } from 'commander'
import * as z from 'zod/mini'
import { EXIT } from '../exit-codes.ts'
import { type Line, showState } from '../output/line.ts'
import type { Output } from '../output/output.ts'
import { createTable } from '../output/table.ts'
import { Flag, parseWhole } from '../settings.ts'
import { showTime, siteOf } from '../show-task.ts'
import { collectTag } from '../task-options.ts'
import type { MakeCommand } from './command.ts'
import { viewOption } from './get.ts'

const DEFAULT_LIMIT = 50
/** What servers take at least; a larger page of full tasks would be heavy. */
const LARGEST_PAGE = 256

const Options = z.object({
  state: z.optional(TesState),
  namePrefix: z.optional(z.string()),
  tag: z.record(z.string(), z.string()),
  view: TesView,
  limit: z.number(),
  all: Flag,
})

export const makeList: MakeCommand = run => {
  const command = new Command('list')
    .description('List tasks, newest first where the server keeps that order.')
    .addOption(new Option('--state <state>', 'only tasks in this state').choices(TesState.options))
    .addOption(new Option('--name-prefix <text>', 'only tasks whose name begins with it'))
    .addOption(
      new Option('--tag <key=value>', 'only tasks with this tag, without value: with any; may be given several times')
        .default({}, 'none')
        .argParser(collectTag),
    )
    .addOption(viewOption())
    .addOption(new Option('--limit <number>', 'at most so many').default(DEFAULT_LIMIT).argParser(parseWhole).conflicts('all'))
    .addOption(new Option('--all', 'without a limit'))
    .action(() =>
      run(command, async session => {
        const { state, namePrefix, tag: tags, view, limit, all } = Options.parse(command.opts())
        const most = all ? Number.POSITIVE_INFINITY : limit
        await using connection = await session.connect()
        const pageSize = Math.min(most, LARGEST_PAGE)
        const pages = connection.tes.listTasks({ state, namePrefix, tags, view, pageSize, signal: session.signal }).pages()
        const show = createRows(session.output)
        let shown = 0
        for await (const { items, nextPageToken, unreadable } of pages) {
          const taken = items.slice(0, most - shown)
          show(taken)
          shown += taken.length
          if (unreadable > 0) session.output.note(`${unreadable} entries of this page could not be read as tasks`)
          if (shown < most) continue
          if (items.length > taken.length || nextPageToken !== undefined) session.output.note('There may be more; see --limit and --all')
          break
        }
        return EXIT.done
      }),
    )
  return command
}

function createRows(output: Output): (tasks: readonly ReadByView[TesView][]) => void {
  const table = createTable(['id', 'state', 'created', 'site', 'name'])
  return tasks => {
    if (!output.json) output.print(table.add(tasks.map(rowOf)))
    else for (const task of tasks) output.record(task)
  }
}

function rowOf({ id, state, ...more }: Partial<ReadBasic> & ReadByView['MINIMAL']): Line {
  return [id, showState(state), showTime(more.creation_time), siteOf(more) ?? '-', more.name ?? '']
}
