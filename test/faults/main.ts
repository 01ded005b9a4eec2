/**
 * The command `faults`. `kills`: kills brokers at work and proves that nothing is lost and nothing runs twice; then plants three faults, each of
 * which the same harness has to find. `lies`: plants lies in the programs of the demo, each of which the demo has to find. `guards`: turns every
 * guard off, one at a time, which its tests have to notice. Exit code 0 only if all of it holds.
 */
import process from 'node:process'
import { findLies } from '../demo/lies/find-lies.ts'
import { GUARDS } from '../guards/guards.ts'
import { tryGuards } from '../guards/try-guards.ts'
import { Misused, readArguments, readWholeNumber, runCommand } from '../harness/command.ts'
import { BOUND_MS, runCampaign } from './campaign.ts'
import { type Figures, type Judgement, judge, type ViolationKind } from './judge.ts'
import { WRITERS } from './writers.ts'

const KILLS = 30
const KILLS_LONG = 200
/** A planted fault is looked for in runs of a few kills each. */
const PLANTED_KILLS = 3
const PLANTED_RUNS = 6
const SHOWN = 10

const USAGE = `usage: pnpm faults [kills] [lies] [guards] [--only ID,ID] [--long] [--kills N] [--seed N]

It takes some minutes, and wants a calm machine.

  kills      kills brokers (kill -9) under ${WRITERS} writers and running sites, and judges: nothing that was acknowledged is lost, nothing runs twice;
             then plants three faults and has to find each
  lies       plants lies in the programs of the demo, one at a time: the demo has to find each
  guards     turns each guard against an attacker off in a copy of the repository, one at a time: a test of its threat has to fail
             without a name: all three
  --only IDS of the guards, those of these ids alone, with commas between
  --kills N  so many kills; default: ${KILLS}
  --long     ${KILLS_LONG} kills
  --seed N   plays the kills of that seed again; default: a new one, which is printed
  --help     shows this`

interface PlantedFault {
  readonly name: string
  readonly switches: readonly string[]
  /** How it shows. */
  readonly shows: ViolationKind
}

const PLANTED: readonly PlantedFault[] = [
  { name: 'answer before commit', switches: ['--answer-before-commit', '--commit-delay-ms', '50'], shows: 'lost' },
  { name: 'intent after the POST', switches: ['--intent-after-post'], shows: 'ran twice' },
  { name: 'resend without looking', switches: ['--resend-without-looking'], shows: 'ran twice' },
]

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function kill(kills: number, seed: number): Promise<boolean> {
  say(`\n== ${kills} kills under ${WRITERS} writers, seed ${seed}`)
  const judgement = judge(await runCampaign({ kills, seed, switches: [], say }))
  show(judgement)
  return judgement.violations.length === 0
}

async function findPlanted({ name, switches, shows }: PlantedFault, seed: number): Promise<boolean> {
  for (let run = 0; run < PLANTED_RUNS; run++) {
    say(`\n== planted fault: ${name}, seed ${seed + run}`)
    const { violations } = judge(await runCampaign({ kills: PLANTED_KILLS, seed: seed + run, switches, say }))
    const found = violations.filter(({ kind }) => kind === shows)
    if (found.length > 0) {
      say(`found: ${found.length} × ${shows}, as in: ${found[0]?.detail}`)
      return true
    }
  }
  say(`FAILED: the planted fault "${name}" was not found`)
  return false
}

function show({ figures, violations }: Judgement): void {
  say('')
  for (const [name, figure] of Object.entries(tableOf(figures))) say(`  ${name.padEnd(44)} ${String(figure).padStart(8)}`)
  for (const { kind, detail } of violations.slice(0, SHOWN)) say(`VIOLATION ${kind}: ${detail}`)
  if (violations.length > SHOWN) say(`and ${violations.length - SHOWN} more violations`)
}

function tableOf(figures: Figures): Readonly<Record<string, number | string>> {
  return {
    kills: figures.kills,
    'kills in open submissions': figures.killsInOpenSubmissions,
    'open submissions hit': figures.openSubmissions,
    'creates acknowledged': figures.acknowledged,
    'creates not acknowledged': figures.unacknowledged,
    'of these ran all the same': figures.unacknowledgedThatRan,
    'ran once': figures.ranOnce,
    'ran twice': figures.ranTwice,
    lost: figures.lost,
    'submissions in doubt, adopted': figures.adopted,
    'submissions in doubt, absent and sent again': figures.absent,
    'events in an unbroken chain': figures.events,
    'seconds until all had ended': figures.settledSeconds ?? `over ${BOUND_MS / 1000}`,
  }
}

const ROWS = ['kills', 'lies', 'guards'] as const

interface Flags {
  readonly rows: readonly string[]
  /** Ids of guards; none: all. */
  readonly only: readonly string[]
  readonly kills: number
  readonly seed: number
}

function readFlags(args: readonly string[]): Flags {
  const { values, positionals } = readArguments(
    args,
    {
      long: { type: 'boolean' },
      only: { type: 'string', value: 'IDS' },
      kills: { type: 'string', value: 'N' },
      seed: { type: 'string', value: 'N' },
    },
    { what: 'row', known: ROWS },
  )
  return {
    rows: positionals.length === 0 ? ROWS : positionals,
    only: readGuards(values.only),
    kills: readWholeNumber('kills', values.kills, 1, values.long ? KILLS_LONG : KILLS),
    seed: readWholeNumber('seed', values.seed, 0, Math.floor(Math.random() * 1e9)),
  }
}

function readGuards(text: string | undefined): readonly string[] {
  const ids = text?.split(',') ?? []
  const unknown = ids.find(id => !GUARDS.some(guard => guard.id === id))
  if (unknown !== undefined) throw new Misused(`--only: there is no guard ${unknown}; test/guards/table has them all`)
  return ids
}

async function run(args: readonly string[]): Promise<number> {
  const { rows, only, kills, seed } = readFlags(args)
  const startedAt = Date.now()
  const results: boolean[] = []
  if (rows.includes('kills')) {
    results.push(await kill(kills, seed))
    for (const fault of PLANTED) results.push(await findPlanted(fault, seed))
  }
  if (rows.includes('lies')) {
    say('\n== lies planted in the demo')
    results.push(await findLies(say))
  }
  if (rows.includes('guards')) {
    say('\n== guards turned off, one at a time')
    results.push(await tryGuards(only, say))
  }
  const holds = results.every(Boolean)
  say(`\n${holds ? 'all holds' : 'FAILED'}, seed ${seed}, ${Math.round((Date.now() - startedAt) / 1000)} s`)
  return holds ? 0 : 1
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1))
await runCommand(USAGE, run)
