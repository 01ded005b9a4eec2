import type { TokenList } from '@portolan/broker/portolan-schemas'
import { Command, Option } from 'commander'
import * as z from 'zod/mini'
import { Scopes, scopeOption } from '../account-options.ts'
import { doEach } from '../do-each.ts'
import { EXIT } from '../exit-codes.ts'
import type { Line } from '../output/line.ts'
import { parseWhole } from '../settings.ts'
import { showTime } from '../show-task.ts'
import type { MakeCommand, Run } from './command.ts'
import { makeOwnedList } from './list-owned.ts'

const HEAD = ['id', 'name', 'project', 'may', 'state', 'ends', 'last used'] as const

export const makeToken: MakeCommand = run =>
  new Command('token')
    .description('Keep personal tokens, which engines send to a broker.')
    .addCommand(makeCreate(run))
    .addCommand(makeList(run))
    .addCommand(makeRevoke(run))

const CreateOptions = z.object({ project: z.optional(z.string()), scope: Scopes, days: z.optional(z.number()) })

function makeCreate(run: Run): Command {
  const command = new Command('create')
    .description('Make a personal token. It is printed this once, alone on standard output.')
    .argument('<name>', 'what it is for')
    .addOption(new Option('--project <id>', 'it works in this project only'))
    .addOption(scopeOption('what it may (default: what you may, without admin)'))
    .addOption(new Option('--days <number>', 'it ends after so many days (default: what the broker has)').argParser(parseWhole))
    .action((name: string) =>
      run(command, async session => {
        const { project, scope, days } = CreateOptions.parse(command.opts())
        await using connection = await session.connect()
        const asked = {
          ...(project !== undefined && { project }),
          ...(scope !== undefined && { scopes: scope }),
          ...(days !== undefined && { expires_in_days: days }),
        }
        const created = await connection.broker.createToken({ name, ...asked })
        if (session.output.json) session.output.document(created)
        else session.output.print([[created.secret]])
        const { id, scopes, expires_at } = created.token
        session.output.note(
          `Keep it now: it is shown this once. It may ${scopes.join(', ')} until ${showTime(expires_at)}; its id is ${id}`,
        )
        return EXIT.done
      }),
    )
  return command
}

function makeList(run: Run): Command {
  return makeOwnedList(run, {
    description: 'List personal tokens, newest first.',
    head: HEAD,
    pages: (broker, owner) => broker.listTokens(owner),
    cells: cellsOf,
  })
}

function cellsOf(token: TokenList['tokens'][number]): Line {
  const { id, name, project, scopes, standing, expires_at, last_used_at } = token
  return [id, name, project ?? 'all', scopes.join(', '), standing, showTime(expires_at), showTime(last_used_at)]
}

function makeRevoke(run: Run): Command {
  const command = new Command('revoke')
    .description('Revoke personal tokens. One that is refused keeps no other from being revoked.')
    .argument('<id...>', 'ids as token list shows them')
    .action((ids: string[]) =>
      run(command, async session => {
        await using connection = await session.connect()
        return await doEach(ids, session, async id => {
          await connection.broker.revokeToken(id)
          return { line: `${id} is revoked`, record: { id, revoked: true } }
        })
      }),
    )
  return command
}
