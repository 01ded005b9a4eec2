/** May the results go where the task sends them? */
import { listSome } from '../format.ts'
import type { Check } from './check.ts'

export const outputTargetDenied: Check = {
  code: 'OUTPUT_TARGET_DENIED',
  requires: 'Every output goes to a target that the site allows, and not into a declared location that takes no outputs.',
  check: ({ at, facts }) => {
    const denied = facts.targetsDenied[at.targetRule]
    if (facts.badTargets.length === 0 && (denied === undefined || denied.length === 0)) return undefined
    const allowed = listSome(at.site.policy.outputs?.allow ?? []) || 'no target'
    const bySite = (denied ?? []).map(url => `${at.site.name} sends results to ${allowed}, not to ${url}`)
    return {
      code: 'OUTPUT_TARGET_DENIED',
      detail: listSome([...facts.badTargets, ...bySite]),
      fix: 'Send the outputs to a target that is allowed.',
    }
  },
}
