/**
 * The command `list` of what belongs to persons at a broker: one's own, or that of others for administrators, who then see whose it is.
 */
import { Command } from 'commander'
import * as z from 'zod/mini'
import { ownerOption } from '../account-options.ts'
import type { BrokerClient } from '../broker-client.ts'
import { EXIT } from '../exit-codes.ts'
import type { Line } from '../output/line.ts'
import { createTable } from '../output/table.ts'
import type { Run } from './command.ts'

export interface OwnedList<Row> {
  readonly description: string
  readonly head: readonly string[]
  readonly pages: (broker: BrokerClient, owner: string | undefined) => AsyncIterable<readonly Row[]>
  readonly cells: (row: Row) => Line
}

interface Owned {
  readonly owner: { readonly issuer: string; readonly subject: string }
}

const Options = z.object({ owner: z.optional(z.string()) })

export function makeOwnedList<Row extends Owned>(run: Run, { description, head, pages, cells }: OwnedList<Row>): Command {
  const rowOf = (row: Row, withOwner: boolean): Line =>
    withOwner ? [...cells(row), `${row.owner.subject}@${row.owner.issuer}`] : cells(row)
  const command = new Command('list')
    .description(description)
    .addOption(ownerOption())
    .action(() =>
      run(command, async session => {
        const { owner } = Options.parse(command.opts())
        await using connection = await session.connect()
        const table = createTable(owner === undefined ? head : [...head, 'owner'])
        for await (const rows of pages(connection.broker, owner)) {
          if (!session.output.json) session.output.print(table.add(rows.map(row => rowOf(row, owner !== undefined))))
          else for (const row of rows) session.output.record(row)
        }
        return EXIT.done
      }),
    )
  return command
}
