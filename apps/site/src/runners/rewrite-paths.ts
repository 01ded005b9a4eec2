/**
 * For plain processes the container's paths do not exist: declared paths become paths of the task's folder. Pure.
 *
 * A path is rewritten where it is a whole argument, follows `=`, or stands in env as a whole value or in a list like PATH.
 * Anywhere else, as in the text of a script, it is left alone and reported.
 */
import { posix } from 'node:path'
import type { TesExecutor } from '@portolan/tes'
import { isAtOrBelow, isSystemDirectory, normalise } from '../tasks/container-path.ts'
import type { Mount } from '../tasks/mounts.ts'

export interface Rewriter {
  readonly argument: (text: string) => string
  readonly value: (text: string) => string
  /** The declared paths that the text mentions where nothing rewrites them; of nested ones the innermost. */
  readonly mentions: (text: string) => string[]
}

export function createRewriter(root: string, mounts: readonly Mount[], workdir: string | undefined): Rewriter {
  const directories = new Set(workdir === undefined ? [] : [normalise(workdir)])
  const files = new Set<string>()
  for (const mount of mounts) {
    if (mount.kind === 'directory') directories.add(mount.path)
    else {
      files.add(mount.path)
      const around = posix.dirname(mount.path)
      if (!isSystemDirectory(around) && around !== '/tmp') directories.add(around)
    }
  }
  directories.delete('/')
  const isDeclared = (path: string) => files.has(path) || [...directories].some(directory => isAtOrBelow(path, directory))

  function rewrite(text: string): string {
    if (!text.startsWith('/') || !isDeclared(normalise(text))) return text
    return root + (text.endsWith('/') ? `${normalise(text)}/` : normalise(text))
  }

  return {
    argument(text) {
      const whole = rewrite(text)
      if (whole !== text) return whole
      const equals = text.indexOf('=')
      return equals < 0 ? text : text.slice(0, equals + 1) + rewrite(text.slice(equals + 1))
    },
    value: text => text.split(':').map(rewrite).join(':'),
    mentions(text) {
      const found = [...files, ...directories].filter(path => mentionsPath(text, path))
      return found.filter(path => !found.some(longer => longer.startsWith(`${path}/`))).sort()
    },
  }
}

/** True where the path stands in the text and neither its beginning nor its end is part of a longer name. */
function mentionsPath(text: string, path: string): boolean {
  for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + 1)) {
    const before = text[at - 1] ?? ' '
    const after = text[at + path.length] ?? ' '
    if (!/[\w./-]/.test(before) && !/[\w-]/.test(after)) return true
  }
  return false
}

/** The command with its declared paths rewritten, and the paths that it mentions otherwise. */
export function rewriteCommand(executor: TesExecutor, rewriter: Rewriter): { argv: string[]; mentioned: string[] } {
  const argv = executor.command.map(rewriter.argument)
  const untouched = executor.command.filter((word, index) => word === argv[index])
  return { argv, mentioned: [...new Set(untouched.flatMap(rewriter.mentions))].sort() }
}
