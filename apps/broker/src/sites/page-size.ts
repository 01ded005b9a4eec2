/**
 * How many tasks a page of a site's list is asked to have. A page is read in one go, and nothing else happens meanwhile: where tasks are long,
 * fewer of them come at a time. A sweep keeps to one size, since a token may be good for pages of its own size alone. Pure.
 */

/** Characters that are read in some hundredths of a second. */
const LONG = 1024 * 1024
/** From so little on more may come: with a distance, lest the size go up and down. */
const SHORT = LONG / 4
/** However long its tasks are, a list of many thousands must come to its end. */
const FEWEST = 32

export interface PageLength {
  /** How many tasks it held. */
  readonly tasks: number
  readonly characters: number
}

/** The size for the next sweep, after one with pages of `size`: by the longest of them, or by one that could not be read, since it may have been too long. */
export function nextPageSize(size: number, longest: PageLength | 'unreadable', most: number): number {
  const atLeast = (wanted: number): number => Math.min(size, Math.max(FEWEST, Math.floor(wanted)))
  if (longest === 'unreadable') return atLeast(size / 4)
  const { tasks, characters } = longest
  if (characters > LONG) return atLeast((tasks * LONG) / characters)
  return characters < SHORT ? Math.min(most, size * 2) : size
}
