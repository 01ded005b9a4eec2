/** May the results go where the task sends them? */
import { listSome } from '../format.ts'
import type { Check } from './check.ts'

export const outputTargetDenied: Check = {
  code: 'OUTPUT_TARGET_DENIED',
  requires: 'Every output goes to a target that the site allows, and not into a declared location that takes no outputs.',
  check: ({ at, facts }) => {
    const admits = at.admitsTarget
    const bad: string[] = []
    for (const { url, declared, readable } of facts.outputs) {
      if (!readable) bad.push(`${url} is not a URL that has one meaning`)
      else if (declared !== undefined && declared.prefix.outputs !== true)
        bad.push(`${url} lies under ${declared.prefix.url}, which takes no outputs`)
      else if (admits !== undefined && !admits(url))
        bad.push(`${at.site.name} sends results to ${allowedBy(at.site.policy)}, not to ${url}`)
    }
    if (bad.length === 0) return undefined
    return { code: 'OUTPUT_TARGET_DENIED', detail: listSome(bad), fix: 'Send the outputs to a target that is allowed.' }
  },
}

function allowedBy(policy: { readonly outputs?: { readonly allow: readonly string[] } | undefined }): string {
  return listSome(policy.outputs?.allow ?? [])
}
