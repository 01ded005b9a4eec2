/**
 * Writes the URL of a file by its name below a folder. In a bucket the name of an object is its key, to the letter; elsewhere what a URL cannot hold
 * is escaped.
 */

/** Undefined if the URL of an object cannot hold the name. `folder` ends in `/`. */
export function urlBelow(folder: string, name: string): string | undefined {
  if (!name.isWellFormed()) return undefined
  if (/^https?:/i.test(folder)) return folder + name.split('/').map(encodeURIComponent).join('/')
  return /[%?#\\]/.test(name) ? undefined : folder + name
}
