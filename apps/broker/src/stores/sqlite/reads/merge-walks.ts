/**
 * One page of several walks over ids, newest first. Pure.
 *
 * A walk has looked no further than its `next`: below that it may have ids that nobody has seen yet. So the page ends where the first of the
 * unfinished walks ended, and the next page begins there for all of them. Every id of any walk is on exactly one page (invariant I10).
 */
export interface Walked {
  /** Descending. */
  readonly ids: readonly string[]
  /** All ids down to this one, and it itself, were looked at; undefined: all there are. */
  readonly next: string | undefined
}

/** The newest ids of all walks, each once, at most `size`. A page may be short or empty and still have a next. */
export function mergeWalks(walks: readonly Walked[], size: number): Walked {
  const ends = walks.flatMap(({ next }) => (next === undefined ? [] : [next]))
  const frontier = ends.toSorted(newestFirst)[0]
  const ids = [...new Set(walks.flatMap(walk => walk.ids))].filter(id => frontier === undefined || id >= frontier).sort(newestFirst)
  return ids.length > size ? { ids: ids.slice(0, size), next: ids[size - 1] } : { ids, next: frontier }
}

function newestFirst(a: string, b: string): number {
  return a > b ? -1 : a < b ? 1 : 0
}
