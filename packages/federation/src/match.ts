/**
 * Matchers of a site's rules: names of images against patterns, URLs against allowed prefixes.
 */
import { compilePrefixes } from './prefixes.ts'
import { parseUrl } from './url.ts'

const DIGEST = /@(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/** An image as the rules see it. */
export interface ImageName {
  /** With registry, tag and digest as given. */
  readonly full: string
  /** With registry, without tag and digest. */
  readonly name: string
  readonly pinned: boolean
}

/** Spells an image out: `ubuntu:24.04` is `docker.io/library/ubuntu:24.04`. `docker://` in front is dropped. */
export function parseImage(image: string): ImageName {
  const full = spellOut(image)
  const withoutDigest = full.split('@', 1)[0] ?? full
  const slash = withoutDigest.lastIndexOf('/')
  const colon = withoutDigest.indexOf(':', slash + 1)
  return { full, name: colon < 0 ? withoutDigest : withoutDigest.slice(0, colon), pinned: isPinned(full) }
}

/** True if the image is named by its digest, so that it cannot change. */
export function isPinned(image: string): boolean {
  return DIGEST.test(image)
}

function spellOut(image: string): string {
  const bare = image.startsWith('docker://') ? image.slice('docker://'.length) : image
  if (bare.startsWith('/')) return bare
  const slash = bare.indexOf('/')
  if (slash < 0) return `docker.io/library/${bare}`
  const first = bare.slice(0, slash).toLowerCase()
  const rest = bare.slice(slash + 1)
  const isRegistry = first === 'localhost' || /[.:*]/.test(first)
  if (!isRegistry) return `docker.io/${bare}`
  const isHub = first === 'docker.io' || first === 'index.docker.io' || first === 'registry-1.docker.io'
  if (!isHub) return `${first}/${rest}`
  return rest.includes('/') ? `docker.io/${rest}` : `docker.io/library/${rest}`
}

/**
 * Compiles patterns of images. `*` stands for any characters but `/` and `@`, `**` for any at all. A pattern without tag and digest admits
 * every tag and digest; one with a tag does not admit a digest beside it, since a runtime then ignores the tag: write `name:tag@*` for that.
 */
export function compileImagePatterns(patterns: readonly string[]): (image: ImageName) => boolean {
  if (patterns.some(pattern => pattern === '*' || pattern === '**')) return () => true
  const tests = patterns.map(pattern => new RegExp(`^${spellOut(pattern).split(/(\*+)/).map(globPart).join('')}$`))
  return image => tests.some(test => test.test(image.name) || test.test(image.full))
}

function globPart(part: string): string {
  if (part === '*') return '[^/@]*'
  if (part.startsWith('**')) return '.*'
  return part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&')
}

/** True if the pattern admits the image. */
export function matchImage(pattern: string, image: string): boolean {
  return compileImagePatterns([pattern])(parseImage(image))
}

/** Compiles allowed prefixes of output targets. The scheme counts: `https` does not allow `http`. */
export function compileTargets(prefixes: readonly string[]): (url: string) => boolean {
  const table = compilePrefixes(
    prefixes.map(prefix => ({ url: prefix, value: prefix })),
    'exact',
  )
  return url => {
    const parsed = parseUrl(url)
    return parsed !== undefined && table.find(parsed) !== undefined
  }
}
