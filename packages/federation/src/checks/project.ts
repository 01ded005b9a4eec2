/** May the project use the site? */
import type { CompiledSnapshot } from '../compile.ts'
import type { Reason } from '../decision.ts'
import { formatDay, listSome } from '../format.ts'
import type { ProjectId } from '../ids.ts'
import { isList } from '../rules.ts'
import type { Check, CheckContext } from './check.ts'

export const projectNotAdmitted: Check = {
  code: 'PROJECT_NOT_ADMITTED',
  requires: 'The project is declared and has not ended, it may use the site, and the site admits it.',
  check: context => {
    const wrong = findWrong(context)
    if (wrong.length === 0) return undefined
    return {
      code: 'PROJECT_NOT_ADMITTED',
      detail: wrong.join('; '),
      fix: 'Choose another project with portolan_project, or ask the operator of the site or of the project.',
    }
  },
}

function findWrong({ at, facts, compiled }: CheckContext): readonly string[] {
  const { project, work } = facts
  const wrong = [...sayProjectTrouble(work.project, compiled)]
  if (isList(project?.sites) && !project.sites.includes(at.site.id))
    wrong.push(`project ${work.project} may use ${listSome(project.sites) || 'no site'}, not ${at.site.id}`)
  if (at.projects !== undefined && !at.projects.has(work.project)) wrong.push(`${at.site.name} does not admit project ${work.project}`)
  return wrong
}

/** What is wrong with the project itself, whatever the site. Where none is declared at all, one that is not declared is no mistake. */
export function sayProjectTrouble(id: ProjectId, { projects, snapshot }: CompiledSnapshot): readonly string[] {
  const project = projects.get(id)
  if (project === undefined) return projects.size > 0 ? [`project ${id} is not declared`] : []
  return project.untilMs !== undefined && project.untilMs <= snapshot.at ? [`project ${id} ended on ${formatDay(project.untilMs)}`] : []
}

export const frozen: Check = {
  code: 'FROZEN',
  requires: 'Neither the site nor the project is frozen.',
  check: ({ at, facts }): Reason | undefined => {
    const bySite = at.site.policy.frozen === true
    const byProject = facts.project?.frozen === true
    if (!bySite && !byProject) return undefined
    const what = [...(bySite ? [at.site.name] : []), ...(byProject ? [`project ${facts.work.project}`] : [])]
    return {
      code: 'FROZEN',
      detail: `${what.join(' and ')} ${what.length > 1 ? 'are' : 'is'} frozen by an operator`,
      fix: 'Wait, or ask the operator why.',
    }
  },
}
