/**
 * Which threats a test is for: its title, or that of a group around it, begins with their numbers, as in `T15 an address`.
 */
const LEADING = /^(?:T\d+ )+/

/** The numbers at the beginning of a title. */
export function threatsOf(title: string): readonly string[] {
  return LEADING.exec(title)?.[0].trim().split(' ') ?? []
}

/** The titles in the source of a test file that begin with a number: the first text in parentheses. */
export function titlesIn(source: string): readonly string[] {
  return [...source.matchAll(/\(\s*(['"`])(T\d+ (?:(?!\1)[^\\]|\\.)*)\1/g)].map(([, , title = '']) => title)
}
