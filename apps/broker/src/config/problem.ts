/**
 * A mistake in the configuration, as the operator reads it: where it is, what is wrong, and what to do.
 */
export interface ConfigProblem {
  /** The file, or `environment`. */
  readonly file: string
  readonly line?: number | undefined
  /** Such as `sites[0].policy.projects[1]`; empty: the whole file. */
  readonly path: string
  readonly message: string
  readonly fix: string
}

/** What loads and yet deserves a word. */
export type ConfigWarning = Omit<ConfigProblem, 'fix'>

/** Orders by file, line and path; what is about a whole file comes first. */
export function byPlace(left: ConfigWarning, right: ConfigWarning): number {
  return compare(left.file, right.file) || (left.line ?? 0) - (right.line ?? 0) || compare(left.path, right.path)
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

export type Path = readonly (string | number)[]

/** A path as people write it. */
export function formatPath(path: Path): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('')
}

function formatPlace({ file, line, path }: ConfigWarning): string {
  return `${file}${line === undefined ? '' : `:${line}`}${path === '' ? '' : `: ${path}`}`
}

/** One line: place, message, fix. */
export function formatProblem(problem: ConfigProblem): string {
  return `${formatPlace(problem)} ${problem.message}; ${problem.fix}`
}

/** What the operator reads: warnings, and set apart from them the mistakes. */
export function formatReport(problems: readonly ConfigProblem[], warnings: readonly ConfigWarning[]): string {
  const warned = warnings.map(warning => `warning: ${formatWarning(warning)}\n`)
  if (problems.length === 0) return warned.join('')
  const title =
    problems.length === 1
      ? '1 mistake; the broker does not start with it:\n'
      : `${problems.length} mistakes; the broker does not start with them:\n`
  return [...warned, warned.length > 0 ? '\n' : '', title, ...problems.map(problem => `${formatProblem(problem)}\n`)].join('')
}

export function formatWarning(warning: ConfigWarning): string {
  return `${formatPlace(warning)} ${warning.message}`
}
