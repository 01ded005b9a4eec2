/** Is the data open to those who ask? */
import { listSome } from '../format.ts'
import type { Check } from './check.ts'
import { failDeclared } from './declared.ts'

/** Who is in which group is not known yet, so declared groups admit nobody; whose place it is, is known. */
export const groupMissing: Check = {
  code: 'GROUP_MISSING',
  requires: 'The person is in a group that the site and the data admit, and no input lies in a place of another project.',
  check: context => {
    const { foreignInputs } = context.facts
    if (foreignInputs.length === 0) return failDeclared('GROUP_MISSING', context)
    return {
      code: 'GROUP_MISSING',
      detail: `${listSome(foreignInputs)} ${foreignInputs.length === 1 ? 'belongs' : 'belong'} to another project`,
      fix: 'Run the task in that project, or ask one of its members to put the data where yours may read it.',
    }
  },
}
