/** Does the site fit what the user asked for, and has it not failed this task before? */
import { LOCAL } from '../compile.ts'
import type { Reason } from '../decision.ts'
import { listSome } from '../format.ts'
import type { LocationId } from '../ids.ts'
import type { Check, CheckContext } from './check.ts'

export const notRequested: Check = {
  code: 'NOT_REQUESTED',
  requires: 'The site is the one that the user named, and with `portolan_locality: require` it holds every input.',
  check: context => {
    const wrong = [...findOtherSite(context), ...findNotHeld(context)]
    if (wrong.length === 0) return findResend(context)
    return { code: 'NOT_REQUESTED', detail: wrong.join('; '), fix: 'Change or drop portolan_site or portolan_locality.' }
  },
}

function findOtherSite({ at, facts: { work } }: CheckContext): readonly string[] {
  const wanted = work.hints.site
  return wanted === undefined || wanted === at.site.id ? [] : [`portolan_site asks for ${wanted}`]
}

/** A submission that surely did not arrive goes to the same site again before another one is asked. */
function findResend({ at, facts: { work } }: CheckContext): Reason | undefined {
  if (work.resendTo === undefined || work.resendTo === at.site.id) return undefined
  return {
    code: 'NOT_REQUESTED',
    detail: `${work.resendTo} did not get the last submission: it is sent again to the same site first`,
    fix: 'Wait; if that site cannot take it, the others are asked.',
  }
}

function findNotHeld({ at, facts }: CheckContext): readonly string[] {
  if (facts.work.hints.locality !== 'require') return []
  const away = facts.groups
    .filter(group => !group.places.some(index => isHeld(at.rates, facts.places[index]?.id)))
    .flatMap(group => group.inputs.map(input => input.url ?? input.path))
  return away.length === 0 ? [] : [`portolan_locality is require, and ${at.site.name} does not hold ${listSome(away)}`]
}

export const alreadyTried: Check = {
  code: 'ALREADY_TRIED',
  requires: 'The site has not failed this task before.',
  check: ({ at, facts: { work } }) =>
    work.triedSites.includes(at.site.id)
      ? {
          code: 'ALREADY_TRIED',
          detail: `${at.site.name} has failed this task before`,
          fix: 'Submit the task again to try the site once more.',
        }
      : undefined,
}

function isHeld(rates: ReadonlyMap<LocationId, number>, location: LocationId | undefined): boolean {
  return location !== undefined && rates.get(location) === LOCAL
}
