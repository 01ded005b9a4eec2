import type { Location } from '@portolan/broker/portolan-schemas'
import { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import type { Line, Piece, Style } from '../output/line.ts'
import { createTable } from '../output/table.ts'
import type { MakeCommand } from './command.ts'

const HEAD = ['location', 'kind', 'country', 'health', 'read by', 'people get', 'below', 'data', 'rules'] as const
const HEALTH_STYLES: Readonly<Record<NonNullable<Location['health']>, Style>> = { up: 'green', down: 'red', unknown: 'yellow' }
const DELIVERIES: Readonly<Record<NonNullable<Location['delivery']>, string>> = { direct: 'a link', relay: 'the bytes', none: 'nothing' }

export const makeLocations: MakeCommand = run => {
  const command = new Command('locations').description('Show where data lies that a broker knows, and how its servers are.').action(() =>
    run(command, async session => {
      await using connection = await session.connect()
      const list = await connection.broker.listLocations()
      if (session.output.json) session.output.document(list)
      else session.output.print(createTable(HEAD).add(list.locations.flatMap(rowsOf)))
      if (list.missing !== undefined) session.output.note(list.missing)
      return EXIT.done
    }),
  )
  return command
}

/** A row for each prefix; what holds for all of them stands in the first. */
function rowsOf(location: Location): readonly Line[] {
  const { id, kind, country, readableFrom, delivery, prefixes } = location
  const readers = readableFrom === undefined ? 'every site' : readableFrom.join(', ') || 'no site'
  const own: Line = [id, kind, country, showHealth(location), readers, delivery === undefined ? '-' : DELIVERIES[delivery]]
  const rows = prefixes.map((prefix): Line => [prefix.url, prefix.sensitivity, sayRules(prefix)])
  return (rows.length === 0 ? [['-', '-', '-']] : rows).map((row, at) => [...(at === 0 ? own : own.map(() => '')), ...row])
}

function showHealth({ health, trouble }: Location): Piece {
  if (health === undefined) return '-'
  return { text: trouble === undefined ? health : `${health} (${trouble})`, style: HEALTH_STYLES[health] }
}

function sayRules({ access, residency, outputs, dataset }: Location['prefixes'][number]): string {
  const rules = [
    access === 'compute' ? 'computed with, never handed out' : [],
    residency === undefined ? [] : `stays in ${residency.join(', ')}`,
    outputs ? 'takes results' : [],
    dataset ?? [],
  ].flat()
  return rules.join('; ') || '-'
}
