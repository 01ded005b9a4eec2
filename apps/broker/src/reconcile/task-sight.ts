/**
 * What of the federation the lines of a task may name: what its own project sees. They are written once, for whoever may read the task, so they tell
 * no more than every member of its project may know.
 */
import { type Project, type ProjectId, type Sight, type Snapshot, sightOf } from '@portolan/federation'

/** Undefined: all of it. */
export type TaskSight = (project: ProjectId) => Sight | undefined

/** For a broker with one person, who sees all. */
export const openTaskSight: TaskSight = () => undefined

/** Where no project is declared at all, each counts as one without rules of its own. */
export function createTaskSight(declared: Pick<Snapshot, 'sites' | 'locations' | 'projects'>): TaskSight {
  const { sites, locations, projects } = declared
  const known = new Map(projects.map(project => [project.id, lookAs(project)]))
  const unknown = sightOf(declared, [])

  function lookAs(project: Pick<Project, 'id' | 'sites'>): Sight | undefined {
    const sight = sightOf(declared, [project])
    return sight.sites.size === sites.length && sight.locations.size === locations.length ? undefined : sight
  }

  return id => {
    if (known.has(id)) return known.get(id)
    return projects.length === 0 ? lookAs({ id }) : unknown
  }
}
