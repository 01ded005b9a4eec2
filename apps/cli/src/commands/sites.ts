import type { Site } from '@portolan/broker/portolan-schemas'
import { formatDuration } from '@portolan/federation'
import { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import type { Line, Style } from '../output/line.ts'
import { createTable } from '../output/table.ts'
import type { MakeCommand } from './command.ts'

const HEAD = ['site', 'name', 'country', 'health', 'login', 'data up to', 'running', 'waiting', 'room', 'wait', 'holds'] as const
const HEALTH_STYLES: Readonly<Record<Site['health'], Style>> = { up: 'green', down: 'red', unknown: 'yellow' }

export const makeSites: MakeCommand = run => {
  const command = new Command('sites').description('Show the sites of a broker and how they are.').action(() =>
    run(command, async session => {
      await using connection = await session.connect()
      const list = await connection.broker.listSites()
      if (session.output.json) session.output.document(list)
      else session.output.print(createTable(HEAD).add(list.sites.map(rowOf)))
      if (list.missing !== undefined) session.output.note(list.missing)
      return EXIT.done
    }),
  )
  return command
}

function healthOf({ health, trouble, draining }: Site): string {
  return [trouble === undefined ? health : `${health} (${trouble})`, draining ? 'draining' : []].flat().join(', ')
}

function rowOf(site: Site): Line {
  return [
    site.id,
    site.name,
    site.place.country,
    { text: healthOf(site), style: HEALTH_STYLES[site.health] },
    site.open ? 'open' : 'yes',
    site.maxSensitivity,
    `${site.running}`,
    `${site.idle}`,
    `${site.window}`,
    formatDuration(site.waitMs),
    site.holds.join(', ') || '-',
  ]
}
