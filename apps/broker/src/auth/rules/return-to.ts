/**
 * Where a browser goes when a login is over: a page of ours, by its path, and nowhere else. Pure.
 */

/** The page of a person, where nothing else is asked. */
export const HOME = '/app'
const MOST_CHARACTERS = 512
/** Only letters that mean the same to every parser of addresses: no backslash, no second slash, no control, no percent sign in the path. */
const PATH = /^\/app(?:\/[A-Za-z0-9_-]+)*\/?(?:\?[A-Za-z0-9_.~%=&+-]*)?$/

/** The path as it was asked for, `HOME` where nothing is asked, or undefined: it does not lead to a page of ours. */
export function readReturnTo(asked: string | undefined): string | undefined {
  if (asked === undefined || asked === '') return HOME
  return asked.length <= MOST_CHARACTERS && PATH.test(asked) ? asked : undefined
}
