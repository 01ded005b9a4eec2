/**
 * Chooses the site for a work item: every site gives a verdict with all its failed checks, those that pass get a cost, the cheapest wins.
 * Pure and deterministic: sites in id order, integers only, the same input gives the same bytes whatever the order of the lists.
 */
import type { CheckContext } from './checks/check.ts'
import { CHECKS } from './checks/index.ts'
import { type CompiledSnapshot, compileSnapshot } from './compile.ts'
import { computeTerms, prepareCost, sumTerms } from './cost.ts'
import type { Decision, ExtraVerdicts, Reason, SiteVerdict, Snapshot, Verdict } from './decision.ts'
import { gatherFacts } from './facts.ts'
import { hashText, mixHashes } from './hash.ts'
import type { SiteId } from './ids.ts'
import { orderCounts } from './order-counts.ts'
import { REASONS, type ReasonCode } from './reasons.ts'
import type { Sight } from './sight.ts'
import { sayWhy } from './why.ts'
import type { Work } from './work.ts'

/** A site that passes, in the race. */
interface Candidate {
  readonly shown: SiteVerdict & { rank?: number }
  readonly cost: number
  readonly bytesToMove: number
  readonly spread: number
}

const NO_EXTRA: ExtraVerdicts = {}
/** Where nothing is declared that cannot be decided, the closed checks have nothing to say. */
const DECIDING = CHECKS.filter(check => check.closed !== true)
const NO_REASONS: readonly Reason[] = []

/**
 * Decides. `snapshot` is plain or compiled; `extra` has an entry for every site whose own rules were decided, empty if they admit the task.
 * With `sight` the sentences name no location out of sight; verdicts, costs and the choice are the same. Never throws for what a policy or a task can say.
 */
export function place(snapshot: Snapshot | CompiledSnapshot, work: Work, extra: ExtraVerdicts = NO_EXTRA, sight?: Sight): Decision {
  const compiled = 'prefixes' in snapshot ? snapshot : compileSnapshot(snapshot)
  const facts = gatherFacts(compiled, work, sight)
  const basis = prepareCost(facts)
  const seed = hashText(work.id)
  const counts = new Map<ReasonCode, number>()
  const candidates: Candidate[] = []
  const sites = compiled.sites.map((at): SiteVerdict => {
    const reasons = findReasons({ compiled, facts, at, extra })
    const { id, name } = at.site
    countCodes(reasons, counts)
    const verdict = judge(reasons)
    if (verdict !== 'pass') return { id, name, verdict, reasons }
    const terms = computeTerms(basis, at)
    const cost = sumTerms(terms, work.hints.locality)
    const shown = { id, name, verdict, reasons, terms, cost, rank: 0 }
    candidates.push({ shown, cost, bytesToMove: terms.bytesToMove, spread: mixHashes(seed, at.idHash) })
    return shown
  })
  const chosen = rankCandidates(candidates)
  const outcome = chosen !== null ? 'placed' : sites.some(site => site.verdict === 'later') ? 'hold' : 'refused'
  return {
    work: work.id,
    chosen,
    outcome,
    why: sayWhy(outcome, sites),
    sites,
    counts: orderCounts(counts, candidates.length),
    snapshot: compiled.snapshot.id,
    policyVersion: compiled.snapshot.policyVersion,
  }
}

/** Writes each rank into what is shown; gives the best. */
function rankCandidates(candidates: readonly Candidate[]): SiteId | null {
  const ranked = candidates.toSorted(compareCandidates)
  for (let i = 0; i < ranked.length; i++) {
    const candidate = ranked[i]
    if (candidate !== undefined) candidate.shown.rank = i + 1
  }
  return ranked[0]?.shown.id ?? null
}

/** All failed checks, in the order of CHECKS, then what was decided elsewhere. */
function findReasons(context: CheckContext): readonly Reason[] {
  let reasons: Reason[] | undefined
  const checks = context.at.undecided.length === 0 && context.facts.undecided.length === 0 ? DECIDING : CHECKS
  for (let i = 0; i < checks.length; i++) {
    const reason = checks[i]?.check(context)
    if (reason === undefined) continue
    if (reasons === undefined) reasons = [reason]
    else reasons.push(reason)
  }
  const { extra, at } = context
  const more = extra !== NO_EXTRA && Object.hasOwn(extra, at.site.id) ? extra[at.site.id] : undefined
  return more === undefined || more.length === 0 ? (reasons ?? NO_REASONS) : [...(reasons ?? NO_REASONS), ...more]
}

function judge(reasons: readonly Reason[]): Verdict {
  if (reasons.length === 0) return 'pass'
  return reasons.every(reason => REASONS[reason.code] === 'later') ? 'later' : 'never'
}

function countCodes(reasons: readonly Reason[], counts: Map<ReasonCode, number>): void {
  for (let i = 0; i < reasons.length; i++) {
    const code = reasons[i]?.code
    if (code === undefined || reasons.findIndex(reason => reason.code === code) < i) continue
    counts.set(code, (counts.get(code) ?? 0) + 1)
  }
}

/** Cheapest first; then fewer bytes to move, then a hash of work and site that spreads equal tasks, then the id. */
function compareCandidates(a: Candidate, b: Candidate): number {
  if (a.cost !== b.cost) return a.cost - b.cost
  if (a.bytesToMove !== b.bytesToMove) return a.bytesToMove - b.bytesToMove
  if (a.spread !== b.spread) return b.spread - a.spread
  return a.shown.id < b.shown.id ? -1 : 1
}
