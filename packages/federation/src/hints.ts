/**
 * What a user may wish, written as tags or as backend parameters, whichever an engine can set, in any case. Where both are given the tag wins;
 * two tags, or two parameters, that differ in case alone are a problem.
 */
import type { TesTask } from '@portolan/tes'
import type { ProjectId, SiteId } from './ids.ts'
import type { Hints } from './work.ts'

export const HINT_KEYS = ['portolan_site', 'portolan_locality', 'portolan_project', 'portolan_rerunnable', 'portolan_max_runtime'] as const
export type HintKey = (typeof HINT_KEYS)[number]

/** A value that cannot be read: where it stands, what is wrong, what to write. */
export interface HintProblem {
  readonly path: string
  readonly message: string
  readonly fix: string
}

export interface HintReading {
  readonly hints: Hints
  /** The project that the task names, if any. */
  readonly project?: ProjectId | undefined
  /** A hint with a problem counts as not given. */
  readonly problems: readonly HintProblem[]
}

const keys: ReadonlySet<string> = new Set(HINT_KEYS)

/** True for the name of a tag or backend parameter that speaks to the broker alone. */
export function isHintKey(key: string): boolean {
  return keys.has(key.toLowerCase())
}

/** Reads every hint of the task. Never throws. */
export function readHints(task: TesTask): HintReading {
  const problems: HintProblem[] = []
  const read = <T>(key: HintKey, parse: (text: string) => T | undefined, fix: string): T | undefined => {
    const given = findHint(task, key)
    if (given === undefined) return undefined
    if (given.again !== undefined) {
      const message = `${key} is given twice, as ${given.name} and as ${given.again}`
      problems.push({ path: given.path, message, fix: 'Give it once; capitals make no difference.' })
      return undefined
    }
    const value = parse(given.text.trim())
    if (value === undefined)
      problems.push({ path: given.path, message: `${key} cannot be ${JSON.stringify(given.text.slice(0, 80))}`, fix })
    return value
  }
  const site = read('portolan_site', parseName, 'Give the id of one site, such as "charite".')
  const locality = read('portolan_locality', parseLocality, 'Write require, prefer or ignore.')
  const project = read('portolan_project', parseName, 'Give the id of one project.')
  const rerunnable = read('portolan_rerunnable', parseBoolean, 'Write true or false.')
  const maxRunMs = read('portolan_max_runtime', parseRuntime, 'Write seconds, or a number with s, m, h or d: 90, 45m, 2h, 1h30m.')
  return {
    hints: { site: site as SiteId | undefined, locality: locality ?? 'prefer', rerunnable: rerunnable ?? false, maxRunMs },
    project: project as ProjectId | undefined,
    problems,
  }
}

interface GivenHint {
  readonly name: string
  readonly path: string
  readonly text: string
  /** Another spelling of the name in the same place: nobody can say which of them counts. */
  readonly again: string | undefined
}

function findHint(task: TesTask, key: HintKey): GivenHint | undefined {
  return findIn(task.tags, 'tags', key) ?? findIn(task.resources?.backend_parameters, 'resources.backend_parameters', key)
}

function findIn(given: Readonly<Record<string, string>> | undefined, where: string, key: HintKey): GivenHint | undefined {
  if (given === undefined) return undefined
  const [first, second] = Object.entries(given).filter(([name]) => name.toLowerCase() === key)
  return first && { name: first[0], path: `${where}.${first[0]}`, text: first[1], again: second?.[0] }
}

function parseName(text: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(text) ? text : undefined
}

function parseLocality(text: string): Hints['locality'] | undefined {
  const word = text.toLowerCase()
  return word === 'require' || word === 'prefer' || word === 'ignore' ? word : undefined
}

function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase()
  if (word === 'true' || word === 'yes' || word === '1') return true
  if (word === 'false' || word === 'no' || word === '0') return false
  return undefined
}

const UNIT_SECONDS = { d: 86_400, h: 3600, m: 60, s: 1 } as const

/** Seconds, or parts with units from large to small (`1d12h`, `2h`, `1h30m`, `90s`), as ms. At most a year. */
function parseRuntime(text: string): number | undefined {
  const parts = /^(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m(?:in)?)?(?:(\d{1,9})s?)?$/.exec(text.toLowerCase().replaceAll(' ', ''))
  if (parts === null) return undefined
  const [, d, h, m, s] = parts
  const seconds =
    Number(d ?? 0) * UNIT_SECONDS.d + Number(h ?? 0) * UNIT_SECONDS.h + Number(m ?? 0) * UNIT_SECONDS.m + Number(s ?? 0) * UNIT_SECONDS.s
  return seconds > 0 && seconds <= 366 * UNIT_SECONDS.d ? seconds * 1000 : undefined
}
