/**
 * What a task would cost at a site, in time. Integers: ms and bytes. Every term is shown.
 *
 *   wait     = the site's average wait + our dispatches since it was taken x what each of them adds
 *   transfer = for each input, from the best replica that the site can read: ceil(bits / rate) + files x 100 ms; 0 if the site holds one; the rate
 *              as transfers have shown it, else as declared
 *   run      = portolan_max_runtime, else 10 min (assumed: it weighs the same at each site, but for the retry term)
 *   output   = a tenth of the input bytes, spread evenly over the outputs, at the declared rate of the link; 0 for targets that the site holds (assumed)
 *   retry    = p/(1-p) x (time until a failure is seen + wait + transfer + run/2), p = (failures+1)/(attempts+20), a prior of 5 %, so that a
 *              new site is neither shunned nor trusted blindly
 *   cost     = the sum; with `portolan_locality: ignore` without the transfer
 */
import { type CompiledSite, LOCAL } from './compile.ts'
import type { CostTerms } from './decision.ts'
import type { WorkFacts } from './facts.ts'
import type { LocationId } from './ids.ts'
import type { InputGroup } from './input-groups.ts'
import { PER_FILE_MS } from './learn-rate.ts'

export const ASSUMED_RUN_MS = 600_000
const OUTPUT_SHARE = 10
/** At most this many assumed inputs are named. */
const NAMED_ASSUMED = 10

/** What of the cost does not depend on the site. */
export interface CostBasis {
  readonly facts: WorkFacts
  readonly runMs: number
  readonly outputBytesEach: number
  readonly assumed: readonly string[]
  /** Transfer times of large groups by rate, since many sites share a rate. */
  readonly groupTimes: readonly Map<number, number>[]
  /** Scratch: the rate of each place of the inputs to the site that is being looked at; 0 where it cannot read. */
  readonly rates: Float64Array
}

/** Prepares the cost of a work item for all sites. */
export function prepareCost(facts: WorkFacts): CostBasis {
  const { work, outputs, groups } = facts
  const inputBytes = groups.reduce((sum, group) => sum + group.bytes, 0)
  return {
    facts,
    runMs: work.hints.maxRunMs ?? ASSUMED_RUN_MS,
    outputBytesEach: outputs.length === 0 ? 0 : Math.floor(inputBytes / OUTPUT_SHARE / outputs.length),
    assumed: nameAssumed(facts),
    groupTimes: groups.map(() => new Map<number, number>()),
    rates: new Float64Array(facts.places.length),
  }
}

function nameAssumed({ work, outputs, groups }: WorkFacts): readonly string[] {
  const guessed = groups.flatMap(group => group.inputs.filter(input => input.assumed).map(input => input.path))
  const named =
    guessed.length <= NAMED_ASSUMED ? guessed : [...guessed.slice(0, NAMED_ASSUMED), `${guessed.length - NAMED_ASSUMED} more inputs`]
  return [...named, ...(work.hints.maxRunMs === undefined ? ['runMs'] : []), ...(outputs.length > 0 ? ['outputMs'] : [])]
}

/** The terms of one site. */
export function computeTerms(basis: CostBasis, at: CompiledSite): CostTerms {
  fillRates(basis, at)
  let transferMs = 0
  let bytesToMove = 0
  const { groups } = basis.facts
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]
    const times = basis.groupTimes[i]
    if (group === undefined || times === undefined) continue
    const rate = bestRate(group, at, basis.rates)
    if (rate === LOCAL) continue
    bytesToMove += group.bytes
    transferMs += groupTime(group, rate, times)
  }
  const outputMs = computeOutput(basis, at)
  const { waitMs } = at.status
  const { runMs } = basis
  const retryMs = expectRetry(at, waitMs + transferMs + Math.floor(runMs / 2))
  return { waitMs, transferMs, runMs, outputMs, retryMs, bytesToMove, assumed: basis.assumed }
}

/** The sum that ranks the sites, ms. */
export function sumTerms(terms: CostTerms, locality: 'require' | 'prefer' | 'ignore'): number {
  const rest = terms.waitMs + terms.runMs + terms.outputMs + terms.retryMs
  return locality === 'ignore' ? rest : rest + terms.transferMs
}

function fillRates({ facts, rates }: CostBasis, at: CompiledSite): void {
  for (let i = 0; i < facts.places.length; i++) {
    const place = facts.places[i]
    if (place === undefined) continue
    rates[i] = place.readers?.has(at.site.id) === false ? 0 : rateFrom(place.id, at)
  }
}

function rateFrom(location: LocationId, { rates, learned, defaultRate }: CompiledSite): number {
  const declared = rates.get(location) ?? defaultRate
  return declared === LOCAL ? LOCAL : (learned.get(location) ?? declared)
}

function bestRate({ places }: InputGroup, at: CompiledSite, rates: Float64Array): number {
  if (places.length === 0) return at.defaultRate
  let best = 0
  for (let i = 0; i < places.length; i++) {
    const rate = rates[places[i] ?? 0] ?? 0
    if (rate > best) best = rate
  }
  return best
}

/** Rounded up input by input, so that the time of one input does not depend on its neighbours. */
function groupTime(group: InputGroup, rate: number, times: Map<number, number>): number {
  if (group.inputs.length === 1) return inputTime(group.bytes, group.files, rate)
  let time = times.get(rate)
  if (time === undefined) {
    time = group.inputs.reduce((sum, input) => sum + inputTime(input.bytes, input.files, rate), 0)
    times.set(rate, time)
  }
  return time
}

function inputTime(bytes: number, files: number, rate: number): number {
  return Math.ceil((bytes * 8) / rate) + files * PER_FILE_MS
}

/** A link is taken to be as fast out as it is declared in; what was learned is of the way in. */
function computeOutput({ facts, outputBytesEach }: CostBasis, at: CompiledSite): number {
  let outputMs = 0
  for (const { declared } of facts.outputs) {
    const rate = declared === undefined ? at.defaultRate : (at.rates.get(declared.location.id) ?? at.defaultRate)
    if (rate !== LOCAL) outputMs += inputTime(outputBytesEach, 1, rate)
  }
  return outputMs
}

function expectRetry(at: CompiledSite, lostMs: number): number {
  const failures = at.status.failuresMilli + 1000
  const successes = Math.max(1000, at.status.attemptsMilli + 20_000 - failures)
  return Math.floor((failures * (at.site.tracking.sweepMs + lostMs)) / successes)
}
