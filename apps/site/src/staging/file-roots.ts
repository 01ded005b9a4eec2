/**
 * Files of this machine that tasks may name by `file://` URL or bare path: those below the roots that the operator allowed.
 */
import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeRefusal } from '../system-words.ts'
import { isAtOrBelow } from '../tasks/container-path.ts'
import { StagingFailed } from './staging-failed.ts'

/** The path that a `file://` URL or a bare absolute path names; undefined for another kind of URL. */
export function pathOfUrl(url: string): string | undefined {
  if (isAbsolute(url)) return normalize(url)
  if (!url.toLowerCase().startsWith('file:')) return undefined
  try {
    return normalize(fileURLToPath(url))
  } catch (cause) {
    throw new StagingFailed(`${url} is not a file of this machine: write file:///path, without a host and without an escaped slash (%2f)`, {
      cause,
    })
  }
}

/** The true path of an existing file, links followed. Throws if it lies outside of the roots. */
export async function allowedSource(path: string, roots: readonly string[]): Promise<string> {
  const real = await realpath(path).catch(cause => {
    if (!isBelow(path, roots)) throw outside(path)
    throw new StagingFailed(`${path}: ${isMissing(cause) ? 'there is no such file: check the path' : explainRefusal(cause)}`, { cause })
  })
  if (!(await isBelowReal(real, roots))) throw outside(path)
  return real
}

/** The true path that a file to be written will have: its nearest existing directory decides. */
export async function allowedTarget(path: string, roots: readonly string[]): Promise<string> {
  if (!isBelow(path, roots)) throw outside(path)
  let existing = path
  const missing: string[] = []
  for (;;) {
    const real = await realpath(existing).catch(() => undefined)
    if (real !== undefined) {
      if (!(await isBelowReal(real, roots))) throw outside(path)
      return join(real, ...missing)
    }
    missing.unshift(basename(existing))
    existing = dirname(existing)
  }
}

function isBelow(path: string, roots: readonly string[]): boolean {
  return roots.some(root => isAtOrBelow(path, normalize(root)))
}

async function isBelowReal(real: string, roots: readonly string[]): Promise<boolean> {
  for (const root of roots) {
    const realRoot = await realpath(root).catch(() => undefined)
    if (realRoot !== undefined && isAtOrBelow(real, realRoot)) return true
  }
  return false
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}

function explainRefusal(cause: unknown): string {
  return describeRefusal(cause) ?? 'no file can have this name: check the path'
}

function outside(path: string): StagingFailed {
  return new StagingFailed(`${path} is not below a folder that this site allows: the operator can add one with --file-root`)
}
