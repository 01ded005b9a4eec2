/**
 * What is kept with a task of the decision about it: digests of texts that are stored once for all tasks, the figures that change from moment
 * to moment, and the choice. The decision with all its sentences is computed again from them by the same `place()`, to the byte.
 */
import type { TesTask } from '@portolan/tes'
import { byId, settleFigures } from './compile.ts'
import type { Decision, ExtraVerdicts, Reason, Snapshot } from './decision.ts'
import { describeTask, hasContent } from './describe-task.ts'
import type { LocationId, ProjectId, SiteId, WorkId } from './ids.ts'
import { readRateNumber, writeRate } from './learn-rate.ts'
import type { Location } from './location.ts'
import { mapPaths } from './map-paths.ts'
import { readNumbers, writeNumbers } from './numbers.ts'
import { type PackedInputs, packInputs, unpackInputs } from './pack-inputs.ts'
import { placeInSight } from './place-in-sight.ts'
import type { Project } from './project.ts'
import type { Sight } from './sight.ts'
import type { Site, SiteStatus } from './site.ts'
import { readTrouble, writeTrouble } from './site-trouble.ts'
import type { LocatedInput, Work } from './work.ts'

/** Rises with every change of checks, cost or sentences: a record can be replayed only by the rules that made it. */
export const RULES_VERSION = 3

/** Digests of the two texts that a replay needs; the caller computes them and keeps the texts. */
export interface DecisionDigests {
  /** Of `policyText(snapshot)`. */
  readonly policy: string
  /** Of the JSON text of the task's document. */
  readonly task: string
}

export interface DecisionRecord {
  readonly rules: number
  readonly digests: DecisionDigests
  readonly work: WorkId
  readonly project: ProjectId
  readonly documentBytes: number
  readonly triedSites: readonly SiteId[]
  readonly resendTo?: SiteId | undefined
  readonly underWay?: number | undefined
  readonly snapshot: string
  readonly at: number
  readonly policyVersion: string
  /** Six numbers a site, in id order. */
  readonly figures: string
  /** Two numbers a site, in id order: why it is down, and why it gets no submissions. Absent where that holds of none, and in old records. */
  readonly troubles?: string | undefined
  /** A rate for each site, in id order, from each location of the inputs, in id order; 0: nothing was learned. Absent where that holds of all. */
  readonly rates?: string | undefined
  readonly inputs: PackedInputs
  /** Failed checks that were decided elsewhere. */
  readonly extra?: ExtraVerdicts | undefined
  readonly outcome: Decision['outcome']
  readonly chosen: SiteId | null
}

interface PolicyDocument {
  readonly sites: readonly Site[]
  readonly locations: readonly Location[]
  readonly projects: readonly Project[]
}

/** The part of a snapshot that changes only when an operator changes a file, as JSON text. The order of its lists does not matter. */
export function policyText(snapshot: Snapshot): string {
  const document: PolicyDocument = {
    sites: snapshot.sites.map(({ site }) => site).toSorted(byId),
    locations: snapshot.locations.toSorted(byId),
    projects: snapshot.projects.toSorted(byId),
  }
  return JSON.stringify(document)
}

/** What to keep of a decision that `place(snapshot, work, extra)` made about a task. */
export function packDecision(
  snapshot: Snapshot,
  work: Work,
  decision: Decision,
  digests: DecisionDigests,
  extra: ExtraVerdicts = {},
): DecisionRecord {
  const sites = snapshot.sites.toSorted((a, b) => byId(a.site, b.site))
  const kept = sites.flatMap(({ site }): [SiteId, readonly Reason[]][] => {
    const reasons = Object.hasOwn(extra, site.id) ? extra[site.id] : undefined
    return reasons === undefined ? [] : [[site.id, reasons]]
  })
  const statuses = sites.map(({ status }) => settleFigures(status))
  const troubles = statuses.flatMap(({ listTrouble, submitTrouble }) => [writeTrouble(listTrouble), writeTrouble(submitTrouble)])
  return {
    rules: RULES_VERSION,
    digests,
    work: work.id,
    project: work.project,
    documentBytes: work.documentBytes,
    triedSites: work.triedSites,
    ...(work.resendTo !== undefined && { resendTo: work.resendTo }),
    ...(work.underWay !== undefined && { underWay: work.underWay }),
    snapshot: snapshot.id,
    at: snapshot.at,
    policyVersion: snapshot.policyVersion,
    figures: writeNumbers(statuses.flatMap(listFigures)),
    ...(troubles.some(number => number > 0) && { troubles: writeNumbers(troubles) }),
    ...writeRates(statuses, locationsOf(work.inputs)),
    inputs: packInputs(work.inputs, snapshot.locations),
    ...(kept.length > 0 && { extra: Object.fromEntries(kept) }),
    outcome: decision.outcome,
    chosen: decision.chosen,
  }
}

/**
 * The decision again, byte for byte. `texts` are those whose digests the record names. Undefined if other rules made the record; throws a
 * SyntaxError if a text is not JSON. With `sight` it is as `placeInSight()` shows it.
 */
export function replayDecision(
  record: DecisionRecord,
  texts: { readonly policy: string; readonly task: string },
  sight?: Sight,
): Decision | undefined {
  const policy: PolicyDocument = JSON.parse(texts.policy)
  if (record.rules !== RULES_VERSION && !saysTheSame(record, policy)) return undefined
  const written: TesTask = JSON.parse(texts.task)
  const { work: id, project, documentBytes, triedSites, resendTo, underWay } = record
  const { task } = mapPaths(written, policy.locations, project)
  const named = (task.inputs ?? []).flatMap(input =>
    hasContent(input) || input.url === undefined ? [] : [{ url: input.url, path: input.path }],
  )
  const located = unpackInputs(record.inputs, named, policy.locations)
  return placeInSight(
    {
      id: record.snapshot,
      at: record.at,
      policyVersion: record.policyVersion,
      sites: readFigures(record, policy.sites, locationsOf(located)),
      locations: policy.locations,
      projects: policy.projects,
    },
    describeTask(task, { id, project, documentBytes, triedSites, resendTo, underWay }, located),
    sight,
    record.extra,
  )
}

/**
 * The first rules knew no count of what a project has under way; of projects without a quota they said what the second say. Those knew nothing of how
 * data at a location is had, and whose it is; where nobody has declared that, and nothing lies at DRS servers, they said what these say.
 */
function saysTheSame({ rules, project }: DecisionRecord, { locations, projects }: PolicyDocument): boolean {
  if (rules === 1 && projects.find(({ id }) => id === project)?.quota !== undefined) return false
  if (rules !== 1 && rules !== 2) return false
  return (
    locations.every(({ kind, pathMaps, credentialsAt, links }) => kind !== 'drs' && (pathMaps ?? credentialsAt ?? links) === undefined) &&
    projects.every(({ owns }) => owns === undefined)
  )
}

/** Where the inputs lie, in id order. */
function locationsOf(inputs: readonly LocatedInput[]): readonly LocationId[] {
  return [...new Set(inputs.flatMap(({ replicas }) => replicas.map(({ location }) => location)))].sort((a, b) => (a < b ? -1 : 1))
}

function writeRates(statuses: readonly SiteStatus[], locations: readonly LocationId[]): Pick<DecisionRecord, 'rates'> {
  const numbers = statuses.flatMap(({ learned = {} }) =>
    locations.map(location => (Object.hasOwn(learned, location) ? writeRate(learned[location] ?? 0) : 0)),
  )
  return numbers.some(number => number > 0) ? { rates: writeNumbers(numbers) } : {}
}

function readRates(numbers: readonly number[], locations: readonly LocationId[]): Pick<SiteStatus, 'learned'> {
  const rates = locations.map((location, at) => [location, readRateNumber(numbers[at] ?? 0)] as const)
  const learned = rates.filter(([, rate]) => rate > 0)
  return learned.length > 0 ? { learned: Object.fromEntries(learned) } : {}
}

const HEALTHS = ['up', 'down', 'unknown'] as const satisfies readonly SiteStatus['health'][]
const FIGURES = 6

function listFigures(status: SiteStatus): readonly number[] {
  const { idle, window, waitMs, failuresMilli, attemptsMilli } = status
  return [HEALTHS.indexOf(status.health) * 2 + Number(status.submitBreakerOpen), idle, window, waitMs, failuresMilli, attemptsMilli]
}

function readFigures(record: DecisionRecord, sites: readonly Site[], locations: readonly LocationId[]): Snapshot['sites'] {
  const numbers = readNumbers(record.figures)
  const troubles = readNumbers(record.troubles ?? '')
  const rates = readNumbers(record.rates ?? '')
  return sites.map((site, index) => {
    const [flags = 0, idle = 0, window = 0, waitMs = 0, failuresMilli = 0, attemptsMilli = 0] = numbers.slice(
      index * FIGURES,
      (index + 1) * FIGURES,
    )
    const health = HEALTHS[Math.floor(flags / 2)] ?? 'unknown'
    const figures = { idle, window, running: 0, waitMs, dispatchedSince: 0, drainMs: 0, failuresMilli, attemptsMilli }
    const listTrouble = readTrouble(troubles[index * 2] ?? 0)
    const submitTrouble = readTrouble(troubles[index * 2 + 1] ?? 0)
    const learned = readRates(rates.slice(index * locations.length, (index + 1) * locations.length), locations)
    return { site, status: { health, submitBreakerOpen: flags % 2 === 1, listTrouble, submitTrouble, ...figures, ...learned } }
  })
}
