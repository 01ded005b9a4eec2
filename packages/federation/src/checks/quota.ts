/** Has the project used up what it may? */

import type { Check } from './check.ts'
import { failDeclared } from './declared.ts'

export const quota: Check = {
  code: 'QUOTA',
  requires: 'The project has fewer tasks at sites than `quota.queued`, and no quota is declared that cannot be counted.',
  check: context => {
    const undecided = failDeclared('QUOTA', context)
    if (undecided !== undefined) return undecided
    const { project, work } = context.facts
    const most = project?.quota?.queued
    if (most === undefined || (work.underWay !== undefined && work.underWay < most)) return undefined
    const has = work.underWay === undefined ? 'a number of tasks at sites that was not counted' : `${work.underWay} tasks at sites`
    return {
      code: 'QUOTA',
      detail: `project ${work.project} has ${has}, and its quota is ${most}`,
      fix: 'Wait: the task goes out as soon as another one of the project ends. A larger quota is up to the operator.',
    }
  },
}
