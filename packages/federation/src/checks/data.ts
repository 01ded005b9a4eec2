/** Do the rules of the data let it be computed at the site? */
import type { ResidencyRule } from '../facts.ts'
import { listSome } from '../format.ts'
import { SENSITIVITIES } from '../sensitivity.ts'
import type { Site } from '../site.ts'
import type { Check } from './check.ts'
import { failDeclared } from './declared.ts'

/**
 * A residency list binds where bytes may be computed on and where what was computed from them may go: the country of the site, and the country
 * of the location of every output. A target under no declared location lies in a country that nobody knows, so it is not admitted. The residency
 * of a prefix that is only written to binds the site alone.
 */
export const residency: Check = {
  code: 'RESIDENCY',
  requires: "The site's country, and that of every output target, is admitted by the residency of the data.",
  check: ({ at, facts }) => {
    const { country } = at.site.place
    const denied = facts.residencyDenied.get(country)
    if ((denied === undefined || denied.length === 0) && facts.strayTargets.length === 0) return undefined
    const wrong = [...(denied ?? []), ...facts.strayTargets]
    return {
      code: 'RESIDENCY',
      detail: listSome(wrong, rule => (typeof rule === 'string' ? rule : sayOutside(rule, at.site))),
      fix: 'Run where the data may be, with results at a declared location there; nobody can lift this but the owner of the data.',
    }
  },
}

function sayOutside({ prefix, countries }: ResidencyRule, { name, place }: Site): string {
  return `${prefix} may be computed in ${countries.join(', ') || 'no country'}; ${name} is in ${place.country}`
}

export const sensitivity: Check = {
  code: 'SENSITIVITY',
  requires: 'The site may hold data as sensitive as the inputs; a site without a login holds only public data.',
  check: ({ at, facts }) => {
    if (facts.sensitivity <= at.ceiling) return undefined
    const limit = at.site.open
      ? `${at.site.name} has no login and gets public data only`
      : `${at.site.name} may hold ${at.site.maxSensitivity} at most`
    return {
      code: 'SENSITIVITY',
      detail: `${facts.sensitivitySource} counts as ${SENSITIVITIES[facts.sensitivity]}; ${limit}`,
      fix: 'Run at a site that may hold such data; if the data is less sensitive, ask for its prefix to be declared so.',
    }
  },
}

/** Approval of work does not exist yet, so nothing is approved and the check fails wherever approval is asked for. */
export const workNotApproved: Check = {
  code: 'WORK_NOT_APPROVED',
  requires: 'Data with `access: compute`, and sites that say so, get approved work only.',
  check: context => {
    const { computeOnly } = context.facts
    if (computeOnly.length === 0) return failDeclared('WORK_NOT_APPROVED', context)
    return {
      code: 'WORK_NOT_APPROVED',
      detail: `${listSome(computeOnly)} may only be computed on by approved work`,
      fix: 'Use an approved workflow on this data, or ask its controllers.',
    }
  },
}
