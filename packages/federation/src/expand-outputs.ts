/**
 * Which files a task has left: what a store shows below each declared output becomes one entry for each file, and what was declared and is not there
 * becomes a warning. Only what the task itself declared counts, and only what was written since the attempt was sent. Pure.
 */
import { compareIds, type LocationId } from './ids.ts'
import { type FoundOutputs, keepOutputs } from './keep-outputs.ts'
import { compilePattern, hasPattern } from './match-path.ts'
import { isOfOtherTask } from './other-results.ts'
import { indexReported, type ReportedOutputs } from './reported-outputs.ts'
import type { MeasuredOutput, MeasuredOutputs, OutputExpectation } from './task-outputs.ts'
import { parseUrl } from './url.ts'

type DeclaredOutput = OutputExpectation['declared'][number]

/** What a store is asked about one declared output. */
export interface OutputLookup {
  /** One object. Absent: it is a directory or a pattern. */
  readonly object?: string | undefined
  /** Ends in `/`. What lies there is asked where there is no such object: some declare a directory as a file. Absent where the address has a query. */
  readonly below?: string | undefined
}

/** An object as a store shows it: an output but for the path that it had in the container. */
export type ListedObject = Omit<MeasuredOutput, 'path' | 'location' | 'bytes'> & { readonly bytes: number }

/** What became of the lookup of one declared output. */
export type ListedOutput =
  | {
      readonly outcome: 'listed'
      readonly location: LocationId
      readonly objects: readonly ListedObject[]
      /** True: there are more, which were not asked for. */
      readonly cut: boolean
      /** Files that nothing is known of; how many, where that is known. `why`: a clause. */
      readonly missed?: { readonly files?: number | undefined; readonly why: string } | undefined
    }
  /** `why`: a clause. */
  | { readonly outcome: 'unmeasured'; readonly why: string }
  /** Its store does not let the broker look: the site's own word counts, and is told as such. */
  | { readonly outcome: 'refused' }
  /** It lies at no declared location: nobody is asked, and the site's own word counts. */
  | { readonly outcome: 'undeclared' }

/** Files that are held against declared outputs: many outputs may mean one directory. */
const MOST_PLACED = 200_000
/** Lines about outputs that are kept, and characters of one address in them. */
const MOST_WARNINGS = 50
const MOST_NAMED = 300
/** The clock of a store may be so far behind that of the broker. */
const CLOCK_SKEW_MS = 300_000

export function whatToList({ url, path, path_prefix, type }: DeclaredOutput): OutputLookup {
  const listable = parseUrl(url)?.query === undefined
  if (hasPattern(path)) return listable ? { below: below(url, fixedBelow(path, path_prefix ?? '/')) } : {}
  if (type === 'DIRECTORY' || url.endsWith('/')) return listable ? { below: below(url, '') } : {}
  return listable ? { object: url, below: below(url, '') } : { object: url }
}

/** `listed`: for each declared output, in their order. */
export function expandOutputs(expected: OutputExpectation, listed: readonly ListedOutput[]): MeasuredOutputs {
  const reported = indexReported(expected.reported)
  const warnings: string[] = []
  const placing = { left: MOST_PLACED }
  const found = expected.declared.map((declared, at): FoundOutputs => {
    const name = cut(declared.path)
    const one = expandOne(expected, reported, declared, bound(listed[at] ?? NOT_ASKED, placing))
    warnings.push(...one.warnings.map(warning => `Output ${name}: ${warning}`))
    const isOneFile = whatToList(declared).object !== undefined
    return { name, outputs: one.outputs, isDeclared: ({ path }) => isOneFile && path === declared.path }
  })
  const { outputs, warning } = keepOutputs(found)
  return { outputs, warnings: capLines(warning === undefined ? warnings : [warning, ...warnings]) }
}

const NOT_ASKED: ListedOutput = { outcome: 'unmeasured', why: 'nobody has asked' }

/** No more files than may still be held against outputs. Single files are never too many: each was declared. */
function bound(listed: ListedOutput, placing: { left: number }): ListedOutput {
  if (listed.outcome !== 'listed' || listed.objects.length <= 1) return listed
  const objects = listed.objects.length > placing.left ? listed.objects.slice(0, placing.left) : listed.objects
  placing.left -= objects.length
  return objects === listed.objects ? listed : { ...listed, objects, cut: true }
}

interface Expanded {
  readonly outputs: readonly MeasuredOutput[]
  readonly warnings: readonly string[]
}

function expandOne(expected: OutputExpectation, reported: ReportedOutputs, declared: DeclaredOutput, listed: ListedOutput): Expanded {
  const name = nameOf(declared.url)
  switch (listed.outcome) {
    case 'undeclared':
      return { outputs: takeReported(reported, declared), warnings: [] }
    case 'refused':
      return { outputs: takeReported(reported, declared), warnings: [`the store does not let the broker look at ${name}: ${UNCHECKED}`] }
    case 'unmeasured':
      return { outputs: [], warnings: [`what lies at ${name} could not be measured (${listed.why}), so it is left out.`] }
    case 'listed':
      return takeListed(expected, declared, listed)
  }
}

const UNCHECKED = 'what the site says of it is kept unchecked, and this broker hands out nothing of it.'

function takeListed(
  { since, complete, results }: OutputExpectation,
  declared: DeclaredOutput,
  { objects, location, cut: isCut, missed }: Extract<ListedOutput, { outcome: 'listed' }>,
): Expanded {
  const pathOf = placeIn(declared)
  const isForeign = isOfOtherTask(results, declared.url)
  const placed = objects.flatMap(object => {
    const path = isForeign(object.url) ? undefined : pathOf(object.url)
    return path === undefined ? [] : [{ ...object, path, location }]
  })
  const outputs = placed
    .filter(({ modifiedAt }) => modifiedAt !== undefined && modifiedAt >= since - CLOCK_SKEW_MS)
    .toSorted((a, b) => compareIds(a.url, b.url))
  const untimed = placed.filter(({ modifiedAt }) => modifiedAt === undefined).length
  const name = nameOf(declared.url)
  const warnings = [
    isCut && `only the first files at ${name} are shown, for there are too many.`,
    missed &&
      `${missed.files === undefined ? 'some files' : count(missed.files)} at ${name} could not be measured (${missed.why}), and so left out.`,
    ...warnOfTimes(name, placed.length - outputs.length - untimed, untimed),
  ].filter(warning => typeof warning === 'string')
  if (warnings.length === 0 && placed.length === 0 && complete) return { outputs, warnings: [`there is nothing at ${name}.`] }
  return { outputs, warnings }
}

function warnOfTimes(name: string, old: number, untimed: number): readonly (string | false)[] {
  const one = untimed === 1
  return [
    old > 0 && `${count(old)} at ${name} ${old === 1 ? 'is' : 'are'} older than this task, and so left out.`,
    untimed > 0 && `the store does not say when ${count(untimed)} at ${name} came to be, and so ${one ? 'it is' : 'they are'} left out.`,
  ]
}

/** What the site says of them, below what was declared; and what was declared as one file, though nobody says how large it is. */
function takeReported(reported: ReportedOutputs, declared: DeclaredOutput): readonly MeasuredOutput[] {
  const pathOf = placeIn(declared)
  const told = reported.below(declared.url).flatMap(({ url, sizeBytes }) => {
    const path = pathOf(url)
    const bytes = /^\d{1,16}$/.test(sizeBytes) ? Number(sizeBytes) : undefined
    return path === undefined ? [] : [{ url, path, ...(Number.isSafeInteger(bytes) && { bytes }) }]
  })
  if (told.length > 0 || whatToList(declared).object === undefined) return told.toSorted((a, b) => compareIds(a.url, b.url))
  return [{ url: declared.url, path: declared.path }]
}

/** True if what lies at `url` is of this declared output. */
export function isDeclaredAt(declared: DeclaredOutput, url: string): boolean {
  return placeIn(declared)(url) !== undefined
}

/** Tells the path in the container that the file at a URL had; undefined for what the declared output does not mean, or may not. */
function placeIn(declared: DeclaredOutput): (url: string) => string | undefined {
  const root = parseUrl(declared.url)
  if (root === undefined) return url => (url === declared.url && whatToList(declared).object === url ? declared.path : undefined)
  const base = root.path.endsWith('/') ? root.path : `${root.path}/`
  const key = keyOf(below(declared.url, ''))
  const pattern = hasPattern(declared.path) ? compilePattern(declared.path) : undefined
  return url => {
    const parsed = parseUrl(url)
    if (parsed === undefined || parsed.scheme !== root.scheme || parsed.host !== root.host || parsed.port !== root.port) return undefined
    if (parsed.path === root.path && !root.path.endsWith('/') && parsed.query === root.query) return pattern ? undefined : declared.path
    if (!parsed.path.startsWith(base) || parsed.path.endsWith('/') || parsed.query !== undefined) return undefined
    const rest = root.scheme === 's3' ? behind(key, keyOf(url)) : unescapePath(parsed.path.slice(base.length))
    if (rest === undefined) return undefined
    if (!pattern) return `${trimSlashes(declared.path)}/${rest}`
    return candidates(declared.path, declared.path_prefix ?? '/', rest).find(path => pattern.covers(path))
  }
}

/** In S3 the key is what stands there: who writes such addresses and who reads them escapes nothing. */
function keyOf(url: string): string {
  return url.slice(url.indexOf('/', 's3://'.length))
}

function behind(base: string, key: string): string | undefined {
  return key.startsWith(base) ? key.slice(base.length) : undefined
}

/** Where the prefix ends within a name, some sites cut it off as text, and others cut off nothing. */
function candidates(path: string, prefix: string, rest: string): readonly string[] {
  return isDirectoryOf(prefix, path) ? [`${trimSlashes(prefix)}/${rest}`] : [`/${rest}`, `${prefix}${rest}`]
}

function isDirectoryOf(prefix: string, path: string): boolean {
  return prefix.endsWith('/') || path.charAt(prefix.length) === '/'
}

/** The directories of a pattern behind its prefix that hold no pattern: so much less is to be listed. */
function fixedBelow(path: string, prefix: string): string {
  const stem = trimSlashes(prefix)
  const { fixed } = compilePattern(path)
  return isDirectoryOf(prefix, path) && fixed.startsWith(`${stem}/`) ? fixed.slice(stem.length + 1) : ''
}

function below(url: string, rest: string): string {
  const stem = url.endsWith('/') ? url : `${url}/`
  if (rest === '') return stem
  return `${stem}${/^s3:/i.test(url) ? rest : rest.split('/').map(encodeURIComponent).join('/')}/`
}

function trimSlashes(path: string): string {
  let end = path.length
  while (end > 0 && path[end - 1] === '/') end -= 1
  return path.slice(0, end)
}

function unescapePath(text: string): string | undefined {
  try {
    const path = decodeURIComponent(text)
    return path.includes('\0') ? undefined : path
  } catch {
    return undefined
  }
}

/** Without a query, which may hold what opens it. */
function nameOf(url: string): string {
  return cut(url.split('?', 1)[0] ?? '')
}

function cut(text: string): string {
  return text.length > MOST_NAMED ? `${text.slice(0, MOST_NAMED)}…` : text
}

function count(files: number): string {
  return files === 1 ? 'one file' : `${files} files`
}

function capLines(lines: readonly string[]): readonly string[] {
  if (lines.length <= MOST_WARNINGS) return lines
  return [...lines.slice(0, MOST_WARNINGS), `${lines.length - MOST_WARNINGS} more lines about outputs are left out.`]
}
