/**
 * Which objects of one location can be looked up together: those of one folder, in the order in which its server lists them. Pure.
 */

export interface SizeGroup<T> {
  /** Ends in `/`. */
  readonly folder: string
  /** By key, in the order of their bytes. */
  readonly wanted: readonly T[]
}

/** Groups of at least `fewest`, the largest first, and what is in none. */
export function groupByFolder<T extends { readonly url: string }>(
  all: readonly T[],
  fewest: number,
): { readonly groups: readonly SizeGroup<T>[]; readonly single: readonly T[] } {
  const folders = Map.groupBy(all, ({ url }) => folderOf(url))
  const groups: SizeGroup<T>[] = []
  const single: T[] = []
  for (const [folder, members] of folders) {
    if (folder === undefined || members.length < fewest) single.push(...members)
    else groups.push({ folder, wanted: members.toSorted(byKey) })
  }
  return { groups: groups.toSorted((a, b) => b.wanted.length - a.wanted.length), single }
}

/** Groups of at least `fewest` of one folder, or else of a folder above it, as far up as `mayList` lets; what stays alone is in none. */
export function groupByAncestor(
  all: readonly string[],
  fewest: number,
  mayList: (folder: string) => boolean,
): readonly SizeGroup<string>[] {
  const levels: Map<string, string[]>[] = []
  const add = (folder: string | undefined, members: readonly string[]): void => {
    if (folder === undefined || !mayList(folder)) return
    const depth = folder.split('/').length
    const level = levels[depth] ?? new Map<string, string[]>()
    levels[depth] = level
    const there = level.get(folder)
    if (there === undefined) level.set(folder, [...members])
    else there.push(...members)
  }
  for (const url of all) add(folderOf(url), [url])
  const groups: SizeGroup<string>[] = []
  for (let depth = levels.length - 1; depth >= 0; depth -= 1) {
    for (const [folder, members] of levels[depth] ?? []) {
      if (members.length >= fewest) groups.push({ folder, wanted: sortByKey(members) })
      else add(folderOf(folder.slice(0, -1)), members)
    }
  }
  return groups
}

function sortByKey(urls: readonly string[]): readonly string[] {
  const keyed = urls.map(url => ({ url, key: Buffer.from(keyOf(url)) }))
  return keyed.toSorted((a, b) => Buffer.compare(a.key, b.key)).map(({ url }) => url)
}

/** The key as the server has it: of `s3` URLs what stands there, of others what their escapes mean. Its bucket stands before it. */
export function keyOf(url: string): string {
  if (/^s3:/i.test(url)) return url
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}

/** A URL below the folder that comes before `first`, with as little as possible between them; undefined: the beginning of the folder. */
export function listAfter(folder: string, first: string): string | undefined {
  const shorter = first.slice(0, -1)
  // What is cut must be one character of the key, and no part of an escape.
  const isPlain = /[A-Za-z0-9._-]$/.test(first) && !/%[0-9a-f]?[0-9a-f]$/i.test(first)
  return isPlain && shorter.length > folder.length ? shorter : undefined
}

/** Undefined for what lies in none, and for what has a query. */
function folderOf(url: string): string | undefined {
  const end = url.lastIndexOf('/')
  const bucket = /^[a-z0-9+.-]+:\/\/[^/]*\//i.exec(url)?.[0]
  return bucket === undefined || end < bucket.length - 1 || url.includes('?') ? undefined : url.slice(0, end + 1)
}

function byKey(a: { readonly url: string }, b: { readonly url: string }): number {
  return Buffer.compare(Buffer.from(keyOf(a.url)), Buffer.from(keyOf(b.url)))
}
