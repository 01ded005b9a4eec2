/**
 * What a create or a dry run asks for: the task as it would be stored, its project and hints, and what the broker has to say about what it left
 * out. Whatever is malformed is refused with the field and the fix. Pure.
 */
import { isHintKey, readHints } from '@portolan/federation'
import type { Problem } from '@portolan/ga4gh'
import { type TesTask, unknownKeys } from '@portolan/tes'
import type { Principal } from '../auth/principal.ts'
import { type ProjectAnswer, type ProjectDirectory, type ProjectEntry, projectOf } from '../auth/project-of.ts'
import { Refusal } from './refusal.ts'
import { type PathRules, requireMapped } from './require-mapped.ts'

export interface Submission {
  /** Without fields that only a server sets, unknown keys and backend parameters that nobody supports. */
  readonly task: TesTask
  readonly project: ProjectEntry
  readonly rerunnable: boolean
  readonly maxRunMs: number | undefined
  readonly notes: readonly string[]
}

export interface SubmissionRules {
  readonly projects: ProjectDirectory
  readonly now: () => number
  /** Backend parameters that some site knows which the project may use, lower case. */
  readonly supportedParameters: (project: ProjectEntry) => ReadonlySet<string>
  /** What paths in a task can mean. */
  readonly paths: PathRules
}

/** `sent` is good in shape and meaning; `body` is what came, to name what of it was ignored. */
export type SubmissionReader = (principal: Principal, sent: TesTask, body: unknown) => Submission

export function createSubmissionReader({ projects, now, supportedParameters, paths }: SubmissionRules): SubmissionReader {
  return (principal, sent, body) => {
    const { id: _id, state: _state, logs: _logs, creation_time: _time, ...task } = sent
    const { hints, project, problems } = readHints(task)
    if (problems.length > 0) throw new Refusal('bad-hint', 'A placement hint cannot be understood', { problems })
    const entry = resolveProject(projectOf(project, principal, projects, now()), principal)
    requireMapped(task, entry.id, paths)
    return {
      ...keepSupported(task, () => supportedParameters(entry), noteIgnored(unknownKeys(body, sent))),
      project: entry,
      rerunnable: hints.rerunnable,
      maxRunMs: hints.maxRunMs,
    }
  }
}

function noteIgnored(keys: readonly string[]): readonly string[] {
  return keys.length > 0 ? [`Ignored keys that TES 1.1 does not have: ${keys.join(', ')}`] : []
}

/** Backend parameters that nobody supports are dropped and named; in strict mode they are refused (TES 1.1, tesResources). */
function keepSupported(
  task: TesTask,
  supportedParameters: () => ReadonlySet<string>,
  notes: readonly string[],
): Pick<Submission, 'task' | 'notes'> {
  const given = Object.entries(task.resources?.backend_parameters ?? {})
  if (given.length === 0) return { task, notes }
  const supported = supportedParameters()
  const isSupported = (key: string): boolean => isHintKey(key) || supported.has(key.toLowerCase())
  const dropped = given.map(([key]) => key).filter(key => !isSupported(key))
  if (dropped.length === 0) return { task, notes }
  if (task.resources?.backend_parameters_strict) {
    throw new Refusal('backend-parameter-unsupported', undefined, { problems: dropped.map(describeUnsupported) })
  }
  const { backend_parameters: _, ...resources } = task.resources ?? {}
  const kept = Object.fromEntries(given.filter(([key]) => isSupported(key)))
  return {
    task: { ...task, resources: given.length > dropped.length ? { ...resources, backend_parameters: kept } : resources },
    notes: [
      ...notes,
      `Ignored backend parameters that no site of the project supports: ${dropped.map(key => key.slice(0, 200)).join(', ')}`,
    ],
  }
}

function describeUnsupported(key: string): Problem {
  return {
    path: `resources.backend_parameters.${key}`,
    message: 'No site that the project may use supports this parameter',
    fix: 'Remove it, or set backend_parameters_strict to false.',
  }
}

const WHAT_IS_MISSING = 'portolan me (GET /portolan/v1/me) says what opens a project here, and whom to ask for it.'

/** `path`: where the project is named. Throws why it is not clear. */
export function resolveProject(answer: ProjectAnswer, { project: bound }: Principal, path = 'tags.portolan_project'): ProjectEntry {
  if (answer.outcome === 'found') return answer.project
  const own = (answer.outcome === 'unknown' ? answer.open : answer.own).map(project => project.id).join(', ')
  const fix = own === '' ? WHAT_IS_MISSING : `Name one of yours: ${own}.`
  if (answer.outcome === 'unknown') {
    const name = JSON.stringify(answer.named)
    const isBound = bound !== undefined && bound !== answer.named
    const message = isBound ? `Your credential is for the project ${bound}, not for ${name}` : `There is no project ${name} that you are in`
    throw new Refusal('project-unknown', message, { problems: [{ path, message, fix }] })
  }
  const message =
    own === ''
      ? 'You are in no project'
      : `You are in more than one project and ${path === 'project' ? 'none is named' : 'the task names none'}`
  throw new Refusal('project-required', message, { problems: [{ path, message, fix }] })
}

/** Throws why nothing that they send goes anywhere, whatever it is, where that is so. */
export function requireAnyProject(projects: ProjectDirectory, principal: Principal): void {
  if (projects.projectsOf(principal).length === 0) resolveProject({ outcome: 'unclear', own: [] }, principal)
}
