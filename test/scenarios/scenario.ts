/**
 * A scenario that a domain expert can write: sites, locations, projects and a task as they stand in the broker's own files, and the decision
 * that is expected. It is loaded by the real configuration loader and decided by the real `place()`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatProblem, loadConfig } from '@portolan/broker/config'
import {
  compileSnapshot,
  type Decision,
  type ProjectId,
  place,
  type SiteId,
  type SiteStatus,
  type Snapshot,
  type WorkId,
} from '@portolan/federation'
import { parseTask } from '@portolan/tes'
import { stringify } from 'yaml'
import * as z from 'zod'
import { createDeclaredLocator } from '../../apps/broker/src/data/declared-locator.ts'
import type { Locator } from '../../apps/broker/src/data/locator.ts'
import type { DataObserver } from '../../apps/broker/src/data/observer.ts'
import { describeLocated } from '../../apps/broker/src/reconcile/describe.ts'
import { makeSecret } from '../leaks/secrets.ts'

const Entry = z.record(z.string(), z.unknown())

export const Scenario = z.strictObject({
  name: z.string(),
  sites: z.array(Entry),
  locations: z.array(Entry).default([]),
  projects: z.array(Entry).default([]),
  /** URL of an input → its size in bytes, as its data server would tell it. */
  sizes: z.record(z.string(), z.number()).default({}),
  /** What the broker has seen of a site, where it is not up, idle and unknown. */
  seen: z.record(z.string(), z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]))).default({}),
  project: z.string().default('local'),
  /** Sites that have failed the task before. */
  tried: z.array(z.string()).default([]),
  task: Entry,
  expect: z.strictObject({
    outcome: z.enum(['placed', 'hold', 'refused']),
    chosen: z.string().optional(),
    /** Site → `pass`, or `later` or `never` with the codes of all its reasons. */
    sites: z.record(z.string(), z.string()),
    /** Site → bytes that would have to be moved to it. */
    bytesToMove: z.record(z.string(), z.number()).default({}),
    /** A part of the line that says why. */
    why: z.string().optional(),
  }),
})
export type Scenario = z.infer<typeof Scenario>

/** When every scenario takes place. */
const AT = Date.parse('2026-06-01T12:00:00Z')
const FRESH: SiteStatus = {
  health: 'up',
  submitBreakerOpen: false,
  idle: 0,
  window: 20,
  running: 0,
  waitMs: 0,
  dispatchedSince: 0,
  drainMs: 0,
  failuresMilli: 0,
  attemptsMilli: 0,
}

/** The decision about the scenario's task. Throws with all mistakes if its files or its task are not good. */
export async function decide(scenario: Scenario): Promise<Decision> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-scenario-'))
  try {
    const { sites, locations, projects } = scenario
    const file = join(folder, 'portolan.yaml')
    await writeFile(file, stringify({ auth: { mode: 'open' }, sites, locations, projects }))
    const config = await loadConfig({ file, env: { SITE_TOKEN: makeSecret('site') }, cwd: folder })
    if (config.kind === 'problems') throw new Error(config.problems.map(formatProblem).join('\n'))
    const { task, problems } = parseTask(scenario.task)
    if (!task) throw new Error(problems.map(({ path, message }) => `${path}: ${message}`).join('\n'))
    const snapshot: Snapshot = {
      id: 'scenario',
      at: AT,
      policyVersion: 'scenario',
      sites: config.sites.map(({ site }) => ({ site, status: { ...FRESH, ...scenario.seen[site.id] } })),
      locations: config.locations.map(({ location }) => location),
      projects: config.projects.map(({ project }) => project),
    }
    using declared = createDeclaredLocator({ locations: config.locations, askers: new Map(), observer: NOBODY, now: () => AT })
    const identity = {
      id: 'scenario' as WorkId,
      project: scenario.project as ProjectId,
      documentBytes: Buffer.byteLength(JSON.stringify(task)),
      triedSites: scenario.tried.map(id => id as SiteId),
    }
    const compiled = compileSnapshot(snapshot)
    return place(compiled, await describeLocated(task, identity, withSizes(declared, scenario.sizes), () => compiled))
  } finally {
    await rm(folder, { recursive: true })
  }
}

const ignore = (): void => undefined
const NOBODY: DataObserver = { asked: ignore, located: ignore, measured: ignore, linked: ignore, relayed: ignore }

function withSizes(locator: Locator, sizes: Readonly<Record<string, number>>): Locator {
  return {
    find: url => locator.find(url),
    async locate(inputs, budgetMs) {
      const found = await locator.locate(inputs, budgetMs)
      return found.map((one, index) => {
        const bytes = sizes[inputs[index]?.url ?? '']
        return bytes === undefined ? one : { ...one, bytes, assumed: false }
      })
    },
  }
}

/** The decision in the words of a scenario's `expect`. */
export function summarise(decision: Decision, asked: Scenario['expect']): Scenario['expect'] {
  const sites = Object.fromEntries(
    decision.sites.map(({ id, verdict, reasons }) => [id, [verdict, ...reasons.map(({ code }) => code)].join(' ')]),
  )
  const bytes = decision.sites.flatMap(({ id, terms }) => (terms && id in asked.bytesToMove ? [[id, terms.bytesToMove] as const] : []))
  return {
    outcome: decision.outcome,
    ...(decision.chosen !== null && { chosen: decision.chosen }),
    sites,
    bytesToMove: Object.fromEntries(bytes),
    ...(asked.why !== undefined && { why: decision.why.includes(asked.why) ? asked.why : decision.why }),
  }
}
