/**
 * Paths as a task sees them: absolute, POSIX. Pure.
 */
import { posix } from 'node:path'
import { hasWildcard } from '@portolan/tes'

/** Directories that every image brings: the site never covers one of them with a directory of its own. */
const SYSTEM = new Set(['/', '/bin', '/boot', '/etc', '/lib', '/lib32', '/lib64', '/opt', '/root', '/run', '/sbin', '/usr', '/var'])
const KERNEL = ['/dev', '/proc', '/sys']

/** Without `.`, `..`, double and trailing slashes. */
export function normalise(path: string): string {
  const flat = posix.normalize(path)
  return flat.length > 1 && flat.endsWith('/') ? flat.slice(0, -1) : flat
}

export function isAtOrBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`)
}

export function isSystemDirectory(path: string): boolean {
  return SYSTEM.has(path) || isAtOrBelow(path, '/usr')
}

/** True for a path that belongs to the kernel: nothing can be placed there. */
export function isKernelPath(path: string): boolean {
  return KERNEL.some(directory => isAtOrBelow(path, directory))
}

/** The longest directory of a pattern that holds no wildcard: `/out/a?/b` → `/out`. */
export function fixedDirectory(pattern: string): string {
  const segments = pattern.split('/')
  const first = segments.findIndex(hasWildcard)
  return normalise(segments.slice(0, Math.max(first, 1)).join('/') || '/')
}

/** A path that no task can have: the message is for the task's system log. */
export class PathRefused extends Error {
  override readonly name = 'PathRefused'
}
