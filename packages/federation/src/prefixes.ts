/**
 * Finds what was declared for a URL: a trie of path segments per authority. The longest prefix wins, on segment boundaries.
 * A prefix that ends in `/` (or has no path) covers all below it; any other names one object.
 */
import { type ParsedUrl, parseUrl } from './url.ts'

interface Node<T> {
  readonly children: Map<string, Node<T>>
  /** Declared with a final slash, and without. */
  tree: T | undefined
  object: T | undefined
}

export interface PrefixTable<T> {
  /** The value of the longest prefix that covers the URL. */
  find(url: ParsedUrl): T | undefined
  /** Values of prefixes that lie inside the URL when it is read as a directory; without the one that covers it. */
  findInside(url: ParsedUrl): readonly T[]
}

const NONE: readonly never[] = []

/** `web`: http and https of one host are one place, since they mostly serve the same bytes. `exact`: they are two. */
export type SchemeRule = 'web' | 'exact'

/** Compiles declared prefixes. A text that is no URL in the sense of `parseUrl()` covers nothing; of two equal prefixes the first stands. */
export function compilePrefixes<T extends object | string>(
  entries: readonly { readonly url: string; readonly value: T }[],
  schemes: SchemeRule,
): PrefixTable<T> {
  const roots = new Map<string, Node<T>>()
  for (const { url, value } of entries) {
    const parsed = parseUrl(url)
    if (parsed !== undefined) insert(roots, authorityOf(parsed, schemes), parsed.path, value)
  }
  return {
    find: url => findLongest(roots.get(authorityOf(url, schemes)), url.path),
    findInside: url => {
      const root = roots.get(authorityOf(url, schemes))
      return root === undefined ? NONE : collectBelow(root, url.path)
    },
  }
}

/** The longest of the prefixes that covers the URL, or undefined; also if the URL can be read in more than one way. */
export function matchPrefix(url: string, prefixes: readonly string[]): string | undefined {
  const parsed = parseUrl(url)
  if (parsed === undefined) return undefined
  return compilePrefixes(
    prefixes.map(prefix => ({ url: prefix, value: prefix })),
    'exact',
  ).find(parsed)
}

function authorityOf(url: ParsedUrl, schemes: SchemeRule): string {
  const scheme = schemes === 'web' && url.scheme === 'http' ? 'https' : url.scheme
  return url.port === undefined ? `${scheme}://${url.host}` : `${scheme}://${url.host}:${url.port}`
}

function insert<T>(roots: Map<string, Node<T>>, authority: string, path: string, value: T): void {
  let node = takeOrMake(roots, authority)
  for (let at = 1; at < path.length; ) {
    const end = endOfSegment(path, at)
    node = takeOrMake(node.children, path.slice(at, end))
    at = end + 1
  }
  if (path.endsWith('/')) node.tree ??= value
  else node.object ??= value
}

function takeOrMake<T>(nodes: Map<string, Node<T>>, key: string): Node<T> {
  const known = nodes.get(key)
  if (known !== undefined) return known
  const made: Node<T> = { children: new Map(), tree: undefined, object: undefined }
  nodes.set(key, made)
  return made
}

function findLongest<T>(root: Node<T> | undefined, path: string): T | undefined {
  if (root === undefined) return undefined
  let best = root.tree
  let node = root
  for (let at = 1; at < path.length; ) {
    if (node.children.size === 0) return best
    const end = endOfSegment(path, at)
    const child = node.children.get(path.slice(at, end))
    if (child === undefined) return best
    node = child
    best = node.tree ?? best
    at = end + 1
  }
  return node.object ?? best
}

function endOfSegment(path: string, at: number): number {
  const slash = path.indexOf('/', at)
  return slash < 0 ? path.length : slash
}

function collectBelow<T>(root: Node<T>, path: string): readonly T[] {
  let node = root
  for (let at = 1; at < path.length; ) {
    if (node.children.size === 0) return NONE
    const end = endOfSegment(path, at)
    const child = node.children.get(path.slice(at, end))
    if (child === undefined) return NONE
    node = child
    at = end + 1
  }
  const covering = node.object ?? node.tree
  const found: T[] = []
  const open = [node]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.tree !== undefined && next.tree !== covering) found.push(next.tree)
    if (next.object !== undefined && next.object !== covering) found.push(next.object)
    open.push(...next.children.values())
  }
  return found
}
