/**
 * What a row needs of the machine. Where CI runs as root, what is missing is installed from Debian's packages; elsewhere nothing is touched.
 */
import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const INSTALL_MS = 300_000

export interface Need {
  /** A name, or the path of the very program where another of the same name would not do. */
  readonly program: string
  /** The Debian package that brings it. */
  readonly package: string
}

/** Debian keeps some programs where only root looks, and Go's own archive is unpacked where nobody looks unless told to. */
const FURTHER = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/go/bin']

/** The path of a program of this machine; undefined if it is not there. Words that only a shell knows are no programs. */
export function findProgram(name: string): string | undefined {
  if (isAbsolute(name)) return isExecutable(name) ? name : undefined
  return [...(process.env.PATH ?? '').split(delimiter), ...FURTHER]
    .filter(Boolean)
    .map(directory => join(directory, name))
    .find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function findMissing(needs: readonly Need[]): readonly Need[] {
  return needs.filter(({ program }) => findProgram(program) === undefined)
}

/** Undefined if everything is there. Else what is missing and how to get it. */
export async function provide(needs: readonly Need[], signal: AbortSignal, say: (line: string) => void): Promise<string | undefined> {
  const missing = findMissing(needs)
  if (missing.length === 0) return undefined
  const command = `apt-get install -y --no-install-recommends ${missing.map(need => need.package).join(' ')}`
  const advice = `missing: ${missing.map(({ program }) => program).join(', ')}; to get it: ${command}`
  if (!process.env.CI || process.getuid?.() !== 0) return advice
  try {
    await install(command, signal, say)
  } catch (error) {
    return `${advice}; that failed: ${error instanceof Error ? error.message : String(error)}`
  }
  return findMissing(needs).length === 0 ? undefined : advice
}

async function install(command: string, signal: AbortSignal, say: (line: string) => void): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Of a package list that cannot be read the install itself will tell.
  say('apt-get update')
  await run('apt-get', ['update', '-qq'], { env, signal, timeout: INSTALL_MS }).catch(() => undefined)
  say(command)
  const [program = '', ...words] = command.split(' ')
  await run(program, words, { env, signal, timeout: INSTALL_MS, maxBuffer: 64 * 2 ** 20 })
}
