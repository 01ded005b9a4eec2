/**
 * Options of the commands that make tasks: name, tags, and the wishes that a broker reads from tags.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import * as z from 'zod/mini'
import type { Additions } from './read-tasks.ts'
import { Flag } from './settings.ts'

const TaskOptions = z.object({
  name: z.optional(z.string()),
  tag: z.record(z.string(), z.string()),
  project: z.optional(z.string()),
  site: z.optional(z.string()),
  locality: z.optional(z.string()),
  maxRuntime: z.optional(z.string()),
  rerunnable: Flag,
})

export function taskOptions(): readonly Option[] {
  return [
    new Option('--name <name>', 'name of the task'),
    new Option('--tag <key=value>', 'a tag; may be given several times').default({}, 'none').argParser(collectTag),
    new Option('--project <id>', 'the project that it is for (tag portolan_project)'),
    new Option('--site <id>', 'run at this site only (tag portolan_site)'),
    new Option('--locality <wish>', 'how near its data must be (tag portolan_locality)').choices(['require', 'prefer', 'ignore']),
    new Option('--max-runtime <time>', 'such as 90s, 45m, 2h (tag portolan_max_runtime)'),
    new Option('--rerunnable', 'it may run again elsewhere when its site is lost (tag portolan_rerunnable)'),
  ]
}

export function readTaskOptions(command: Command): Additions {
  const { name, tag, project, site, locality, maxRuntime, rerunnable } = TaskOptions.parse(command.opts())
  const wishes = {
    portolan_project: project,
    portolan_site: site,
    portolan_locality: locality,
    portolan_max_runtime: maxRuntime,
    portolan_rerunnable: rerunnable ? 'true' : undefined,
  }
  const given = Object.entries(wishes).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))
  return { name, tags: { ...tag, ...Object.fromEntries(given) } }
}

/** `KEY=VALUE`; without `=` the value is empty. */
export function collectTag(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf('=')
  const key = at < 0 ? text : text.slice(0, at)
  if (key === '') throw new InvalidArgumentError('Write KEY=VALUE.')
  return { ...before, [key]: at < 0 ? '' : text.slice(at + 1) }
}
