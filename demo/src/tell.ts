/**
 * What the demo tells its reader: who plays, what was decided and why, and which data moved.
 */
import type { Decision } from '@portolan/federation'
import type { Deal } from './deal.ts'
import { candidates, cheapestWithoutResidency, type Sizes } from './expect.ts'
import { type Reading, sumMovements } from './proof.ts'
import { formatBytes, formatTable, hang, say } from './show.ts'
import type { DemoTask } from './tasks.ts'
import { FILES, RESIDENT, SITE_FACTS, SITES } from './world.ts'

/** So that a row of the table fits a line. */
const WHY_LENGTH = 70

type SiteVerdict = Decision['sites'][number]

export function introduce(deal: Deal, sizes: Sizes, tasks: readonly DemoTask[], seed: string | undefined): void {
  say(
    '\nPortolan sends the work to the data. Three sites hold real sequence data; one broker stands in front of them. All of it runs on this',
  )
  say('machine: the names, countries and links are played, and the servers, the tasks and the data are real.\n')
  say(formatTable(['site', 'name', 'country', 'login', 'RAM', 'Mbit/s from the others'], SITES.map(siteRow)))
  say('\n  A site without a login is "open": it never gets more than public data.\n')
  say(
    formatTable(
      ['file', 'lies at', 'size', 'sensitivity', 'rule'],
      FILES.map(({ name, sensitivity }) => [name, deal[name], formatBytes(sizes[name]), sensitivity, ruleOf(name, sensitivity, deal)]),
    ),
  )
  if (seed) say(`\n  The files are dealt to the sites by DEMO_SHUFFLE=${seed}.`)
  say('\n  The tasks. None of them names a site.\n')
  say(
    formatTable(
      ['task', 'reads', 'what it shows'],
      tasks.map(({ name, files, shows }) => [name, files.join(', '), shows]),
    ),
  )
  say()
}

function siteRow(site: (typeof SITES)[number]): string[] {
  const { name, country, open, ramGb, from } = SITE_FACTS[site]
  const links = Object.entries(from).map(([other, mbps]) => `${other} ${mbps}`)
  return [site, name, country, open ? 'open' : 'token', `${ramGb} GB`, links.join(', ')]
}

function ruleOf(name: string, sensitivity: string, deal: Deal): string {
  const file = FILES.find(known => known.name === name)
  const country = file && SITE_FACTS[deal[file.name]].country
  const bound = name === RESIDENT || sensitivity !== 'public' ? `stays in ${country}` : ''
  return sensitivity === 'controlled' ? `${bound}; approved work only` : bound
}

/** Why this site: the broker's own words, and the demo's own sum beside them. */
export function explainTask(task: DemoTask, decision: Decision, deal: Deal, sizes: Sizes): void {
  const files = task.files.map(file => `${file} (${formatBytes(sizes[file])}, at ${deal[file]})`).join(', ')
  say(`\n${hang(`${task.name}: `, task.shows)}`)
  say(hang('  reads    ', files))
  if (decision.outcome === 'refused') {
    explainRefusal(decision)
    return
  }
  const verdicts = decision.sites.toSorted((a, b) => (a.rank ?? SITES.length) - (b.rank ?? SITES.length))
  say(hang('  broker   ', verdicts.map(sayVerdict).join('; ')))
  const sum = candidates(task, deal, sizes).map(({ site, bytes, seconds }) => `${site} ${formatBytes(bytes)} in ${seconds.toFixed(2)} s`)
  say(hang('  own sum  ', sum.join(', ')))
  if (task.name !== 'residency') return
  const cheaper = cheapestWithoutResidency(task, deal, sizes)
  if (cheaper)
    say(
      hang('  unbound  ', `without the rule it would be ${cheaper.site}: ${formatBytes(cheaper.bytes)} in ${cheaper.seconds.toFixed(2)} s`),
    )
}

function explainRefusal({ sites }: Decision): void {
  for (const { id, reasons } of sites)
    for (const [index, { code, detail }] of reasons.entries())
      say(hang(`  ${(index === 0 ? id : '').padEnd(9)}  `, `${code}: ${shorten(detail)}`))
  const fixes = new Map(sites.flatMap(({ reasons }) => reasons.map(({ code, fix }) => [code, fix] as const)))
  for (const [code, fix] of fixes) say(hang('  to mend  ', `${code}: ${shorten(fix)}`))
}

function sayVerdict({ id, reasons, terms }: SiteVerdict): string {
  if (!terms) return `not ${id} (${reasons.map(({ code }) => code).join(', ')})`
  return `${id} ${terms.bytesToMove === 0 ? 'holds the data' : `moves ${sayMove(terms)}`}`
}

function sayMove({ bytesToMove, transferMs }: NonNullable<SiteVerdict['terms']>): string {
  return `${formatBytes(bytesToMove)} in ${(transferMs / 1000).toFixed(2)} s`
}

/** The broker names files by their URLs; here the names say it. */
function shorten(text: string): string {
  return text.replaceAll(/https?:\/\/\S*\/(\S+)/g, '$1')
}

/** A few words for the table: what tipped the scale. */
export function shortWhy(task: DemoTask, decision: Decision): string {
  const why = sayWhy(task, decision)
  return why.length <= WHY_LENGTH ? why : `${why.slice(0, WHY_LENGTH - 1)}…`
}

function sayWhy(task: DemoTask, { sites, chosen, outcome }: Decision): string {
  if (outcome === 'refused') return `no site may: ${listCodes(sites)}`
  const winner = sites.find(({ id }) => id === chosen)
  if (task.pinned) return 'runs where its data lies, as it asks'
  const others = sites
    .filter(({ id, terms }) => id !== chosen && terms)
    .map(({ id, terms }) => `${id} ${formatBytes(terms?.bytesToMove ?? 0)}`)
  const barred = sites.filter(({ terms }) => !terms)
  return [
    `moves ${formatBytes(winner?.terms?.bytesToMove ?? 0)}`,
    ...(others.length > 0 ? [`others more: ${others.join(', ')}`] : []),
    ...(barred.length > 0 ? [`others barred: ${listCodes(barred)}`] : []),
  ].join('; ')
}

function listCodes(sites: readonly SiteVerdict[]): string {
  return [...new Set(sites.flatMap(({ reasons }) => reasons.map(({ code }) => code)))].join(', ')
}

/** What the data servers themselves wrote down. */
export function showMovements(readings: readonly Reading[]): void {
  const { moves, bytes, borderBytes } = sumMovements(readings)
  say('  What left a site, by the access logs of the data servers themselves:\n')
  say(
    formatTable(
      ['file', 'from', 'to', 'bytes', 'border'],
      moves.map(({ file, holder, reader, bytes: moved }) => [file, holder, reader, formatBytes(moved), sayBorder(holder, reader)]),
    ),
  )
  const atHome = readings.filter(({ reader, holder }) => reader === holder).length
  say(
    `\n  ${formatBytes(bytes)} moved, ${formatBytes(borderBytes)} of it across a border. ${atHome} more readings never left their site's disk.\n`,
  )
}

function sayBorder(holder: Reading['holder'], reader: Reading['reader']): string {
  const [from, to] = [SITE_FACTS[holder].country, SITE_FACTS[reader].country]
  return from === to ? '' : `${from} to ${to}`
}
