/**
 * The tasks of the demo, as documents of TES 1.1. Each says what it is there to show, and which files it reads.
 */
import { readFileSync } from 'node:fs'
import type { TesTask } from '@portolan/tes'
import type { Deal } from './deal.ts'
import type { Actor } from './people.ts'
import { type FileName, folderOf, RESIDENT, SITE_FACTS, SITES, type SiteName, VICTIM } from './world.ts'

/** Every task runs in it. Plain processes need none. */
export const IMAGE = 'portolan/demo-tools:1'

/** Where a task finds the files that it reads. */
export const DATA_FOLDER = '/data/'

export type Tool = 'count-bases' | 'read-quality' | 'match-reads'
export type Fate = 'complete' | 'refused' | 'cancelled'

export interface DemoTask {
  readonly name: string
  /** What it shows, for people. */
  readonly shows: string
  /** Who submits it. */
  readonly actor: Actor
  readonly tool: Tool
  readonly files: readonly FileName[]
  readonly fate: Fate
  readonly ramGb: number
  /** True: it wishes to run only where all its files lie. */
  readonly pinned: boolean
  /** The one site that it wishes for. */
  readonly wished: SiteName | undefined
  readonly rerunnable: boolean
  readonly pauseSeconds: number
  /** True: it is submitted while the killed site is down. */
  readonly duringOutage: boolean
}

/** How long a task runs whose site is killed meanwhile. */
const LONG_SECONDS = 14
const MINUTES = 120
/** The file that travels because its task names a site. */
const NAMED: FileName = 'chr17-head.fa'

export function demoTasks(deal: Deal, victim: SiteName): readonly DemoTask[] {
  const plain = {
    actor: 'alice',
    fate: 'complete',
    ramGb: 1,
    pinned: false,
    wished: undefined,
    rerunnable: false,
    pauseSeconds: 0,
    duringOutage: false,
  } as const
  const own = SITES.map((site): DemoTask => {
    const file = ownFile(deal, site)
    return {
      ...plain,
      name: `own-${site}`,
      shows: `Runs where its data lies, at ${SITE_FACTS[site].name}.`,
      actor: site === VICTIM ? 'engine' : 'bob',
      tool: toolFor(file),
      files: [file],
      pinned: true,
    }
  })
  const person: FileName = deal['HG00100.fq'] === victim ? 'HG00100.fq' : 'HG00101.fq'
  return [
    {
      ...plain,
      name: 'two-sites',
      shows: 'Its inputs lie at two sites: the smaller one travels, more bytes win.',
      actor: 'engine',
      tool: 'match-reads',
      files: ['lambda-reads.fq', 'lambda.fa'],
    },
    {
      ...plain,
      name: 'residency',
      shows: `${RESIDENT} may be computed in its own country alone, although another site is cheaper.`,
      tool: 'match-reads',
      files: ['lambda-reads.fq', 'celegans-mt.fa'],
    },
    {
      ...plain,
      name: 'rerunnable',
      shows: 'Marked rerunnable: its site is killed while it runs, so it runs again elsewhere.',
      tool: 'count-bases',
      files: ['celegans-I.fa'],
      ramGb: 16,
      rerunnable: true,
      pauseSeconds: LONG_SECONDS,
    },
    {
      ...plain,
      name: 'patient',
      shows: 'Not marked: its site is killed while it runs, so it waits, and ends there.',
      tool: 'read-quality',
      files: [person],
      pinned: true,
      pauseSeconds: LONG_SECONDS,
    },
    {
      ...plain,
      name: 'homebound',
      shows: 'Wishes to run where its data lies, while that site is down: it waits, although another could run it at once.',
      tool: 'read-quality',
      files: [person],
      pinned: true,
      duringOutage: true,
    },
    {
      ...plain,
      name: 'named',
      shows: 'Names the site where it wishes to run: the data travels there, although it could stay.',
      actor: 'bob',
      tool: 'count-bases',
      files: [NAMED],
      wished: abroad(deal[NAMED]),
    },
    ...own,
    {
      ...plain,
      name: 'controlled',
      shows: 'Only approved work may run on controlled data: every site says no, and why.',
      tool: 'read-quality',
      files: ['HG00102.fq'],
      fate: 'refused',
    },
    {
      ...plain,
      name: 'cancelled',
      shows: 'Its user cancels it while it runs.',
      tool: 'count-bases',
      files: [deal['lambda.fa'] === victim ? 'lambda-reads.fq' : 'lambda.fa'],
      fate: 'cancelled',
      pinned: true,
      pauseSeconds: MINUTES,
    },
  ]
}

/** A site in another country. */
function abroad(home: SiteName): SiteName {
  return SITES.find(site => SITE_FACTS[site].country !== SITE_FACTS[home].country) ?? home
}

/** True for a task that leaves the choice of the site to the broker. */
export function isFree(task: DemoTask): boolean {
  return !task.pinned && task.wished === undefined
}

/** The first file of a site that has a task of its own. */
function ownFile(deal: Deal, site: SiteName): FileName {
  const candidates: readonly FileName[] = ['HG00100.fq', 'HG00101.fq', 'celegans-I.fa', 'lambda.fa']
  const file = candidates.find(name => deal[name] === site)
  if (!file) throw new Error(`no file for a task of ${site}`)
  return file
}

function toolFor(file: FileName): Tool {
  return file.endsWith('.fq') ? 'read-quality' : 'count-bases'
}

/** Where the result lies on its data server. */
export function resultPath(task: DemoTask): string {
  return `results/${task.name}.tsv`
}

/** Where the result goes: to the data server of the site that holds the file that decides. */
export function resultHolder(task: DemoTask, deal: Deal): SiteName {
  const [first] = task.files
  const decisive = task.name === 'residency' ? task.files[1] : first
  if (!decisive) throw new Error(`${task.name} reads nothing`)
  return deal[decisive]
}

/** The document that is submitted. `dataUrl` gives the base address of a site's data server. */
export function toDocument(task: DemoTask, deal: Deal, dataUrl: (site: SiteName) => string, image: string): TesTask {
  const paths = task.files.map(file => `${DATA_FOLDER}${file}`)
  const script = readFileSync(new URL(`../tools/${task.tool}.sh`, import.meta.url), 'utf8')
  const pause = task.pauseSeconds === 0 ? [] : [String(task.pauseSeconds)]
  return {
    name: task.name,
    description: task.shows,
    inputs: [
      { path: '/job/tool.sh', content: script, type: 'FILE' },
      ...task.files.map(file => ({
        url: `${dataUrl(deal[file])}${folderOf(file)}/${file}`,
        path: `${DATA_FOLDER}${file}`,
        type: 'FILE' as const,
      })),
    ],
    outputs: [{ path: '/out/result.tsv', url: `${dataUrl(resultHolder(task, deal))}${resultPath(task)}`, type: 'FILE' }],
    resources: { cpu_cores: 1, ram_gb: task.ramGb },
    executors: [{ image, command: ['sh', '/job/tool.sh', ...paths, ...pause], stdout: '/out/result.tsv' }],
    tags: {
      demo: task.name,
      ...(task.pinned && { portolan_locality: 'require' }),
      ...(task.wished && { portolan_site: task.wished }),
      ...(task.rerunnable && { portolan_rerunnable: 'true' }),
    },
  }
}
