import type { Project } from '@portolan/broker/portolan-schemas'
import { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import type { Line } from '../output/line.ts'
import { createTable } from '../output/table.ts'
import type { MakeCommand } from './command.ts'

const HEAD = ['project', 'name', 'tasks are seen by', 'until', 'at sites', 'CPU hours', 'may use'] as const
const VISIBILITY: Readonly<Record<Project['visibility'], string>> = { owner: 'their owner', project: 'all members' }

export const makeProjects: MakeCommand = run => {
  const command = new Command('projects')
    .description('Show the projects that you are in, what they may use and what they use.')
    .action(() =>
      run(command, async session => {
        await using connection = await session.connect()
        const list = await connection.broker.listProjects()
        if (session.output.json) session.output.document(list)
        else session.output.print(createTable(HEAD).add(list.projects.map(rowOf)))
        return EXIT.done
      }),
    )
  return command
}

function rowOf({ id, name, visibility, until, quota, use, sites }: Project): Line {
  return [
    id,
    name,
    VISIBILITY[visibility],
    until ?? '-',
    quota?.queued === undefined ? `${use.queued}` : `${use.queued} of ${quota.queued}`,
    quota?.cpuHours === undefined ? '-' : `not counted yet, of ${quota.cpuHours}`,
    sites?.join(', ') ?? 'every site that admits it',
  ]
}
