/**
 * Names of things that do not exist, each with the nearest that does.
 */
import { didYouMean } from './did-you-mean.ts'
import type { ConfigProblem, Path } from './problem.ts'
import type { Source } from './source.ts'

export function unknownIds(
  source: Source,
  what: string,
  known: readonly string[],
  places: readonly (readonly [string, Path])[],
): ConfigProblem[] {
  return places
    .filter(([id]) => !known.includes(id))
    .map(([id, path]) => {
      const meant = didYouMean(id, known)
      const all = known.length === 0 ? `declare the ${what} first` : `the ${what}s are ${known.join(', ')}`
      return source.problem(path, `names the ${what} "${id}", which does not exist`, meant === undefined ? all : `did you mean ${meant}?`)
    })
}
