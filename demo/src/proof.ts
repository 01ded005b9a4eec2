/**
 * The proof from the data servers' own access logs: which site read which file, and how many bytes crossed a border.
 */
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { FILES, type FileName, folderOf, SITE_FACTS, SITES, type SiteName } from './world.ts'

/** A line of a data server's access log, as far as the proof needs it. */
const Access = z.object({ reader: z.optional(z.string()), method: z.string(), path: z.string(), status: z.number(), bytes: z.number() })

export interface Reading {
  readonly reader: SiteName
  readonly holder: SiteName
  readonly file: FileName
  readonly bytes: number
}

/** All readings of files by sites, out of the logs of all data servers. Reading one's own disk is one, too, of bytes that did not move. */
export function readAccessLogs(logFile: (site: SiteName) => string): readonly Reading[] {
  return SITES.flatMap(holder =>
    readFileSync(logFile(holder), 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .flatMap((line): Reading[] => {
        const { reader, method, path, bytes, status } = Access.parse(JSON.parse(line))
        const site = SITES.find(name => name === reader)
        const file = FILES.find(({ name }) => path === `/${folderOf(name)}/${name}`)
        return site && file && method === 'GET' && status < 300 ? [{ reader: site, holder, file: file.name, bytes }] : []
      }),
  )
}

export interface Movement {
  /** Readings of one file by one site, added up; by file, then by reader. */
  readonly moves: readonly Reading[]
  readonly files: ReadonlySet<string>
  readonly bytes: number
  readonly borderBytes: number
}

/** What moved: readings of other sites' files. */
export function sumMovements(readings: readonly Reading[]): Movement {
  const moved = readings.filter(({ reader, holder }) => reader !== holder)
  const moves = new Map<string, Reading>()
  for (const reading of moved) {
    const key = `${reading.file}: ${reading.holder} -> ${reading.reader}`
    moves.set(key, { ...reading, bytes: reading.bytes + (moves.get(key)?.bytes ?? 0) })
  }
  const files = [...moves.keys()].sort((a, b) => (a < b ? -1 : 1))
  return {
    moves: files.flatMap(key => moves.get(key) ?? []),
    files: new Set(files),
    bytes: moved.reduce((sum, { bytes }) => sum + bytes, 0),
    borderBytes: moved
      .filter(({ reader, holder }) => SITE_FACTS[reader].country !== SITE_FACTS[holder].country)
      .reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

/** Readings that no rule of the demo's world admits; there must be none. */
export function findBreaches(readings: readonly Reading[]): readonly string[] {
  return readings
    .filter(
      ({ reader, holder, file }) =>
        FILES.find(({ name }) => name === file)?.sensitivity !== 'public' &&
        (SITE_FACTS[reader].open || SITE_FACTS[reader].country !== SITE_FACTS[holder].country),
    )
    .map(({ reader, holder, file }) => `${file} of ${holder} was read by ${reader}`)
}
