import type { LoginList } from '@portolan/broker/portolan-schemas'
import { Command, Option } from 'commander'
import * as z from 'zod/mini'
import { doEach } from '../do-each.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Line } from '../output/line.ts'
import { Flag } from '../settings.ts'
import { showTime } from '../show-task.ts'
import type { MakeCommand, Run } from './command.ts'
import { makeOwnedList } from './list-owned.ts'

const HEAD = ['id', 'device', 'may', 'state', 'logged in', 'ends'] as const

export const makeLogins: MakeCommand = run =>
  new Command('logins')
    .description('Show the devices that are logged in at a broker as you, and log them out.')
    .addCommand(makeList(run), { isDefault: true })
    .addCommand(makeEnd(run))

function makeList(run: Run): Command {
  return makeOwnedList(run, {
    description: 'List the devices, newest first.',
    head: HEAD,
    pages: (broker, owner) => broker.listLogins(owner),
    cells: cellsOf,
  })
}

function cellsOf(login: LoginList['logins'][number]): Line {
  const { id, client, scopes, standing, why, current, created_at, expires_at } = login
  const state = current ? 'this one' : standing === 'ended' && why !== undefined ? `ended (${why})` : standing
  return [id, client, scopes.join(', '), state, showTime(created_at), showTime(expires_at)]
}

const EndOptions = z.object({ all: Flag })

function makeEnd(run: Run): Command {
  const command = new Command('end')
    .description('Log devices out. One that is refused keeps no other from being asked for.')
    .argument('[id...]', 'ids as logins shows them')
    .addOption(new Option('--all', 'every device and every browser, this one too; personal tokens stay'))
    .action((ids: string[]) =>
      run(command, async session => {
        const { all } = EndOptions.parse(command.opts())
        if (all === ids.length > 0) {
          throw new Failure(all ? '--all is given, and ids too' : 'No login is named', {
            fix: 'Give ids as portolan logins shows them, or --all.',
          })
        }
        await using connection = await session.connect()
        if (!all) {
          return await doEach(ids, session, async id => {
            await connection.broker.endLogin(id)
            return { line: `${id} is logged out`, record: { id, ended: true } }
          })
        }
        const ended = await connection.broker.endAllLogins()
        if (session.output.json) session.output.document(ended)
        else session.output.print([[`Logged out: devices ${ended.devices}, browsers ${ended.sessions}`]])
        return EXIT.done
      }),
    )
  return command
}
