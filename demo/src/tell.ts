/**
 * What the demo tells its reader: who plays, what was decided and why, and which data moved.
 */
import { createHash } from 'node:crypto'
import type { Decision } from '@portolan/federation'
import type { Deal } from './deal.ts'
import type { Evidence, TaskEvidence } from './evidence.ts'
import { type Candidate, candidates, candidatesWithoutWishes, cheapestWithoutResidency } from './expect.ts'
import { ACTORS, type Actor, OUTSIDER, PROJECT_OF } from './people.ts'
import { expectedFlows, type Script } from './script.ts'
import { formatBytes, formatTable, hang, say } from './show.ts'
import { type DemoTask, isFree } from './tasks.ts'
import { addUp, borderOf, sortAccesses, sumCrossings } from './traffic.ts'
import { FILES, type FileName, isBound, SITE_FACTS, SITES, VICTIM } from './world.ts'

/** So that a row of the table fits a line. */
const WHY_LENGTH = 70
/** Of a digest, enough to tell any two apart. */
const DIGEST_LENGTH = 16

const CREDENTIALS: Readonly<Record<Actor, string>> = {
  alice: 'login by device flow',
  engine: "alice's personal token, as a password",
  bob: 'login by device flow',
}

type SiteVerdict = Decision['sites'][number]

export function introduce({ deal, sizes, tasks }: Script, seed: string | undefined): void {
  say(
    '\nPortolan sends the work to the data. Three sites hold real sequence data; one broker stands in front of them. All of it runs on this',
  )
  say('machine: the names, countries, links and people are played, and the servers, the login, the tasks and the data are real.\n')
  say(formatTable(['site', 'name', 'country', 'login', 'RAM', 'Mbit/s from the others'], SITES.map(siteRow)))
  say('\n  A site without a login is "open": it never gets more than public data.\n')
  say(
    formatTable(
      ['file', 'lies at', 'size', 'sensitivity', 'rule'],
      FILES.map(({ name, sensitivity }) => [name, deal[name], formatBytes(sizes[name]), sensitivity, ruleOf(name, sensitivity, deal)]),
    ),
  )
  if (seed) say(`\n  The files are dealt to the sites by DEMO_SHUFFLE=${seed}.`)
  say('\n  The tasks. Only "named" names a site.\n')
  say(
    formatTable(
      ['task', 'of', 'reads', 'what it shows'],
      tasks.map(({ name, actor, files, shows }) => [name, actor, files.join(', '), shows]),
    ),
  )
  say()
}

function siteRow(site: (typeof SITES)[number]): string[] {
  const { name, country, open, ramGb, from } = SITE_FACTS[site]
  const links = Object.entries(from).map(([other, mbps]) => `${other} ${mbps}`)
  return [site, name, country, open ? 'open' : 'token', `${ramGb} GB`, links.join(', ')]
}

function ruleOf(file: FileName, sensitivity: string, deal: Deal): string {
  const bound = isBound(file) ? `stays in ${SITE_FACTS[deal[file]].country}` : ''
  return sensitivity === 'controlled' ? `${bound}; approved work only` : bound
}

/** What was decided and why, task by task; then all of it as a table. */
export function tellTasks(script: Script, evidence: Evidence): void {
  say(
    "\n  Why there? What the broker says (GET /portolan/v1/tasks/ID/placement), which counts 0.1 s a file, and the demo's own sum of bytes and links.",
  )
  const rows = script.tasks.flatMap(task => {
    const seen = evidence.tasks.get(task.name)
    if (!seen) return []
    explainTask(task, seen.decision, script)
    const sites = seen.sites.join(' -> ') || 'none'
    return [[task.name, sites, shortWhy(task, seen), seen.state, `${seen.seconds.toFixed(1)} s`, firstLines(seen.result?.text)]]
  })
  say(`\n${formatTable(['task', 'site', 'why', 'state', 'time', 'result'], rows)}\n`)
}

function firstLines(result = ''): string {
  const lines = result.trim().split('\n').slice(0, 2)
  return lines.map(line => line.replace('\t', ' ')).join(', ')
}

/** Why this site: the broker's own words, and the demo's own sum beside them. */
function explainTask(task: DemoTask, decision: Decision, { deal, sizes }: Script): void {
  const files = task.files.map(file => `${file} (${formatBytes(sizes[file])}, at ${deal[file]})`).join(', ')
  say(`\n${hang(`${task.name}: `, task.shows)}`)
  say(hang('  reads    ', files))
  if (decision.outcome === 'refused') {
    explainRefusal(decision)
    return
  }
  const verdicts = decision.sites.toSorted((a, b) => (a.rank ?? SITES.length) - (b.rank ?? SITES.length))
  say(hang('  broker   ', verdicts.map(sayVerdict).join('; ')))
  say(hang('  own sum  ', candidates(task, deal, sizes).map(saySum).join(', ')))
  const unbound = task.name === 'residency' ? cheapestWithoutResidency(task, deal, sizes) : undefined
  if (unbound) say(hang('  unbound  ', `without the rule it would be ${saySum(unbound)}`))
  const [free] = isFree(task) ? [] : candidatesWithoutWishes(task, deal, sizes, task.duringOutage ? [VICTIM] : [])
  if (free && (task.duringOutage || task.wished)) say(hang('  free     ', `without its wish it would be ${saySum(free)}`))
}

function saySum({ site, bytes, seconds }: Candidate): string {
  return `${site} ${formatBytes(bytes)} in ${seconds.toFixed(2)} s`
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
  return text.replaceAll(/(?:https?|s3):\/\/\S*\/(\S+)/g, '$1')
}

/** A few words for the table: what tipped the scale. */
function shortWhy(task: DemoTask, { decision, sites }: TaskEvidence): string {
  const why = `${sites.length > 1 ? 'its site was killed; ' : ''}${sayWhy(task, decision)}`
  return why.length <= WHY_LENGTH ? why : `${why.slice(0, WHY_LENGTH - 1)}…`
}

function sayWhy(task: DemoTask, { sites, chosen, outcome }: Decision): string {
  if (outcome === 'refused') return `no site may: ${listCodes(sites)}`
  const winner = sites.find(({ id }) => id === chosen)
  if (task.duringOutage) return 'waits for the site where its data lies, as it wishes'
  if (task.pinned) return 'runs where its data lies, as it wishes'
  if (task.wished) return `moves ${formatBytes(winner?.terms?.bytesToMove ?? 0)} to the site that it names`
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

/** What came home: each result as its person has it, and where its bytes were by the store's own log. */
export function tellResults({ tasks }: Script, { inS3, tasks: seen, accesses }: Evidence): void {
  say(
    `  The results, each fetched by whoever has submitted its task: portolan outputs get ID, which asks the broker alone, and gets ${
      inS3 ? 'a link to the bucket' : 'the bytes through the broker'
    }.\n`,
  )
  const { fetches } = sortAccesses(accesses, tasks)
  const rows = tasks.flatMap(({ name, actor }) => {
    const result = seen.get(name)?.result
    if (result === undefined) return []
    const came = fetches.filter(({ task }) => task === name).map(({ from, bytes }) => `${bytes} B from ${from}`)
    const digest = createHash('sha256').update(result.text).digest('hex').slice(0, DIGEST_LENGTH)
    return [[name, actor, came.join(', ') || 'nothing', result.checked === undefined ? 'has none' : `${result.checked} is right`, digest]]
  })
  say(`${formatTable(['result of', 'fetched by', "by the store's log", "the store's digest", 'SHA-256'], rows)}\n`)
}

/** Who was let in, and what each could see. */
export function tellPeople({ tasks }: Script, { encounters: { listed, pried, outsider } }: Evidence): void {
  say('  Who sees what. Everybody uses the one endpoint; what is not theirs looks as if it were not there.\n')
  const rows = ACTORS.map(actor => {
    const own = tasks.filter(task => task.actor === actor).length
    const tried = pried.filter(prying => prying.actor === actor).map(({ task, status }) => `${task}: ${status}`)
    return [actor, CREDENTIALS[actor], PROJECT_OF[actor], String(own), String(listed[actor].length), tried.join(', ')]
  })
  const outsiderRow = [OUTSIDER, 'login by device flow', 'none', '0', String(outsider.listed.length), `a create: ${outsider.status}`]
  say(formatTable(['who', 'gets in by', 'project', 'submitted', 'sees', "tries somebody else's"], [...rows, outsiderRow]))
  say(`\n${hang(`${OUTSIDER} is told: `, outsider.said)}`)
  say(hang('  and, asking who she is: ', outsider.missing.says))
  for (const { entitlement, ask } of outsider.missing.ways) say(hang('  missing  ', `${entitlement} (${ask})`))
  say()
}

/** What the stores themselves wrote down, and what the demo calculated. */
export function tellTraffic(script: Script, evidence: Evidence): void {
  const { flows } = sortAccesses(evidence.accesses, script.tasks)
  const moved = [...addUp(flows.filter(({ from, to }) => from !== to)).values()]
  say('  What left a site, by the access logs of the stores themselves:\n')
  const row = (flow: (typeof moved)[number]): string[] => [
    ...[flow.what, flow.name, flow.from, flow.to, `${flow.bytes} B`],
    borderOf(flow) ?? '',
  ]
  say(formatTable(['what', 'name', 'from', 'to', 'bytes', 'border'], moved.map(row)))
  const home = flows.filter(({ from, to }) => from === to)
  const inputs = home.filter(({ what }) => what === 'input').length
  say(`\n  ${inputs} more readings and ${home.length - inputs} more writings never left their site's disk.\n`)
  const meant = sumCrossings(expectedFlows(script))
  const crossed = [...sumCrossings(flows)].map(([border, { input, result }]) => {
    const due = meant.get(border)
    return [border, `${input} B`, `${due?.input} B`, `${result} B`, `${due?.result} B`]
  })
  say(`${formatTable(['over the border', 'inputs', 'calculated', 'results', 'calculated'], crossed)}\n`)
}
