/**
 * Hands in what brokers have left in a folder: stores with the logs of their writes, and log files.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keep, type Place } from './remains.ts'

const PLACES: readonly (readonly [RegExp, Place])[] = [
  [/\.db(-journal)?$/, 'database'],
  [/\.db-(wal|shm)$/, 'write-ahead log'],
  [/\.log$/, 'log'],
]

/** `of`: for the report. What is not there, or goes meanwhile, is left out. */
export function keepFolder(folder: string, of: string): void {
  for (const { name, parentPath, isFile } of listFiles(folder)) {
    const [, place] = PLACES.find(([pattern]) => pattern.test(name)) ?? []
    if (place === undefined || !isFile) continue
    const bytes = readIfThere(join(parentPath, name))
    if (bytes && bytes.byteLength > 0) keep(place, `${of} (${name})`, bytes)
  }
}

function listFiles(folder: string): { readonly name: string; readonly parentPath: string; readonly isFile: boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : listFiles(join(folder, entry.name))
      return [{ name: entry.name, parentPath: folder, isFile: entry.isFile() }]
    })
  } catch {
    return []
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
