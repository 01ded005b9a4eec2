/**
 * Chooses the site for a work item: every site gives a verdict with all its failed checks, those that pass get a cost, the cheapest wins.
 * Pure and deterministic: sites in id order, integers only, the same input gives the same bytes whatever the order of the lists.
 */
import type { CheckContext } from './checks/check.ts'
import { CHECKS } from './checks/index.ts'
import { type CompiledSite, type CompiledSnapshot, compileSnapshot } from './compile.ts'
import { type CostBasis, computeTerms, prepareCost, sumTerms } from './cost.ts'
import type { CostTerms, Decision, ExtraVerdicts, Reason, SiteVerdict, Snapshot, Verdict } from './decision.ts'
import { gatherFacts } from './facts.ts'
import { hashText, mixHashes } from './hash.ts'
import { REASONS, type ReasonCode } from './reasons.ts'
import { sayWhy } from './why.ts'
import type { Work } from './work.ts'

interface Candidate {
  readonly at: CompiledSite
  readonly verdict: Verdict
  readonly reasons: readonly Reason[]
  readonly terms: CostTerms | undefined
  readonly cost: number
  readonly spread: number
  rank: number
}

const NO_EXTRA: ExtraVerdicts = {}
const NO_REASONS: readonly Reason[] = []

/**
 * Decides. `snapshot` is plain or compiled; `extra` has an entry for every site whose own rules were decided, empty if they admit the task.
 * Never throws for what a policy or a task can say.
 */
export function place(snapshot: Snapshot | CompiledSnapshot, work: Work, extra: ExtraVerdicts = NO_EXTRA): Decision {
  const compiled = 'prefixes' in snapshot ? snapshot : compileSnapshot(snapshot)
  const facts = gatherFacts(compiled, work)
  const basis = prepareCost(facts)
  const seed = hashText(work.id)
  const counts = new Map<string, number>()
  const candidates = compiled.sites.map(at => judgeSite({ compiled, facts, at, extra }, basis, seed, counts))
  const ranked = candidates.filter(candidate => candidate.verdict === 'pass').toSorted(compareCandidates)
  for (let i = 0; i < ranked.length; i++) {
    const candidate = ranked[i]
    if (candidate !== undefined) candidate.rank = i + 1
  }
  const sites = candidates.map(showCandidate)
  const chosen = ranked[0]?.at.site.id ?? null
  const outcome = chosen !== null ? 'placed' : candidates.some(candidate => candidate.verdict === 'later') ? 'hold' : 'refused'
  return {
    work: work.id,
    chosen,
    outcome,
    why: sayWhy(outcome, sites),
    sites,
    counts: orderCounts(counts, ranked.length),
    snapshot: compiled.snapshot.id,
    policyVersion: compiled.snapshot.policyVersion,
  }
}

function judgeSite(context: CheckContext, basis: CostBasis, seed: number, counts: Map<string, number>): Candidate {
  const { at, facts } = context
  const reasons = findReasons(context)
  countCodes(reasons, counts)
  const verdict = judge(reasons)
  const terms = verdict === 'pass' ? computeTerms(basis, at) : undefined
  return {
    at,
    verdict,
    reasons,
    terms,
    cost: terms === undefined ? 0 : sumTerms(terms, facts.work.hints.locality),
    spread: mixHashes(seed, at.idHash),
    rank: 0,
  }
}

/** All failed checks, in the order of CHECKS, then what was decided elsewhere. */
function findReasons(context: CheckContext): readonly Reason[] {
  let reasons: Reason[] | undefined
  for (let i = 0; i < CHECKS.length; i++) {
    const reason = CHECKS[i]?.check(context)
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

function countCodes(reasons: readonly Reason[], counts: Map<string, number>): void {
  for (let i = 0; i < reasons.length; i++) {
    const code = reasons[i]?.code
    if (code === undefined || reasons.findIndex(reason => reason.code === code) < i) continue
    counts.set(code, (counts.get(code) ?? 0) + 1)
  }
}

/** `pass` first, then the codes in the order of REASONS; what is nought is left out. */
function orderCounts(counts: ReadonlyMap<string, number>, passed: number): Readonly<Record<string, number>> {
  const ordered: Record<string, number> = { pass: passed }
  for (const code of Object.keys(REASONS) as ReasonCode[]) {
    const count = counts.get(code)
    if (count !== undefined) ordered[code] = count
  }
  return ordered
}

/** Cheapest first; then fewer bytes to move, then a hash of work and site that spreads equal tasks, then the id. */
function compareCandidates(a: Candidate, b: Candidate): number {
  if (a.cost !== b.cost) return a.cost - b.cost
  const moved = (a.terms?.bytesToMove ?? 0) - (b.terms?.bytesToMove ?? 0)
  if (moved !== 0) return moved
  if (a.spread !== b.spread) return b.spread - a.spread
  return a.at.site.id < b.at.site.id ? -1 : 1
}

function showCandidate({ at, verdict, reasons, terms, cost, rank }: Candidate): SiteVerdict {
  const { id, name } = at.site
  return terms === undefined ? { id, name, verdict, reasons } : { id, name, verdict, reasons, terms, cost, rank }
}
