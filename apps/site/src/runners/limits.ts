/**
 * Limits for runtimes that have none of their own, by `prlimit`. Data and not address space is counted, because many programs reserve
 * far more addresses than they use.
 */
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import type { TesResources } from '@portolan/tes'

const GIGABYTE = 1e9

/** The path of a program on this machine's PATH. */
function findProgram(name: string): string | undefined {
  for (const directory of (process.env.PATH ?? '/usr/bin:/bin').split(':')) {
    const path = join(directory, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not in this directory.
    }
  }
  return undefined
}

/** The words to put before a command; none where nothing is asked for or `prlimit` is not there. */
export function limitWords(resources: TesResources): string[] {
  const flags: string[] = []
  if (resources.ram_gb !== undefined && resources.ram_gb > 0) flags.push(`--data=${Math.ceil(resources.ram_gb * GIGABYTE)}`)
  if (resources.disk_gb !== undefined && resources.disk_gb > 0) flags.push(`--fsize=${Math.ceil(resources.disk_gb * GIGABYTE)}`)
  const prlimit = flags.length > 0 ? findProgram('prlimit') : undefined
  return prlimit === undefined ? [] : [prlimit, ...flags, '--']
}
