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

export function formatWarning(warning: ConfigWarning): string {
  return `${formatPlace(warning)} ${warning.message}`
}
