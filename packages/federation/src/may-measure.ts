/**
 * Whether the servers of declared locations may be asked about the inputs of a work item. They are asked by the broker's own credential, and the
 * decision tells the submitter what they said: so nothing is asked of data that no site would let this work touch.
 */
import { CHECKS } from './checks/index.ts'
import { type CompiledSnapshot, compileSnapshot } from './compile.ts'
import type { ExtraVerdicts, Snapshot } from './decision.ts'
import { gatherFacts } from './facts.ts'
import { ROOM_CODES } from './reasons.ts'
import type { Work } from './work.ts'

/** Only rules are looked at: what a site's room or the quota of a project keep away now may go there later. */
const RULES = CHECKS.filter(({ code }) => !ROOM_CODES.has(code))

/**
 * True if at least one site would take the work item by every rule. `work` names its inputs with their replicas and with nothing that was found out
 * by asking; `extra` is as `place()` has it.
 */
export function mayMeasure(snapshot: Snapshot | CompiledSnapshot, work: Work, extra: ExtraVerdicts = {}): boolean {
  const compiled = 'prefixes' in snapshot ? snapshot : compileSnapshot(snapshot)
  const { resendTo: _, ...anywhere } = work
  const facts = gatherFacts(compiled, { ...anywhere, underWay: 0 })
  return compiled.sites.some(at => {
    const decided = Object.hasOwn(extra, at.site.id) ? extra[at.site.id] : undefined
    return (decided ?? []).length === 0 && RULES.every(rule => rule.check({ compiled, facts, at, extra }) === undefined)
  })
}
