/**
 * Hands in what brokers and sites have left in a folder: stores with the logs of their writes, log files, and what `in-program.ts` has kept of them.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { joinPages } from './join-pages.ts'
import { keep, type Place } from './remains.ts'

const PLACES: readonly (readonly [RegExp, Place])[] = [
  // What a Keycloak of the tests keeps (`*.mv.db`) is its own affair.
  [/(?<!\.mv)\.db(-journal)?$/, 'database'],
  [/\.db-(wal|shm)$/, 'write-ahead log'],
  [/\.log$/, 'log'],
  [/\.error-bodies$/, 'error body'],
  [/\.metrics$/, 'metrics'],
  [/\.answers$/, 'answer'],
  [/\.command-output$/, 'command output'],
]

/** `of`: for the report. What is not there, or goes meanwhile, is left out. */
export function keepFolder(folder: string, of: string): void {
  for (const path of listRemains(folder)) {
    const name = basename(path)
    const place = placeOf(name)
    const bytes = readIfThere(path)
    if (place === undefined || bytes === undefined || bytes.byteLength === 0) continue
    keep(place, `${of} (${name})`, bytes)
    for (const row of joinPages(bytes)) keep(place, `${of} (${name}, rows over several pages)`, row)
  }
}

/** The paths of all files below it that are searched; of a file its own. They may have gone meanwhile. */
export function listRemains(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap(entry => {
      const inner = join(path, entry.name)
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : listRemains(inner)
      return entry.isFile() && placeOf(entry.name) !== undefined ? [inner] : []
    })
  } catch {
    return placeOf(basename(path)) === undefined ? [] : [path]
  }
}

function placeOf(name: string): Place | undefined {
  return PLACES.find(([pattern]) => pattern.test(name))?.[1]
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
