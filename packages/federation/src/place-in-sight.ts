/**
 * A decision as it is shown to somebody who does not see the whole federation: the same verdicts by the same `place()`, in words that name no
 * location out of sight, and without the sites that are.
 */
import { sayProjectTrouble } from './checks/project.ts'
import { type CompiledSnapshot, compileSnapshot } from './compile.ts'
import type { Decision, ExtraVerdicts, Snapshot } from './decision.ts'
import { place } from './place.ts'
import { cutDecision, type Sight } from './sight.ts'
import type { Work } from './work.ts'

/** `sight` undefined: they see all of it. */
export function placeInSight(snapshot: Snapshot | CompiledSnapshot, work: Work, sight: Sight | undefined, extra?: ExtraVerdicts): Decision {
  if (sight === undefined) return place(snapshot, work, extra)
  const compiled = 'prefixes' in snapshot ? snapshot : compileSnapshot(snapshot)
  const trouble = sayProjectTrouble(work.project, compiled)
  return cutDecision(place(compiled, work, extra, sight), sight, trouble.length === 0 ? undefined : trouble.join('; '))
}
