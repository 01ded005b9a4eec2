/** Bytes, durations and days for people, the same on every machine. */
import { formatUtc } from './utc.ts'

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'] as const

/** `999 B`, `1.2 kB`, `340 MB`: decimal units, one decimal below ten. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`
  let tenths = Math.round(bytes / 100)
  let unit = 0
  while (tenths >= 9995 && unit < UNITS.length - 1) {
    tenths = Math.round(tenths / 1000)
    unit++
  }
  const number = tenths < 100 && tenths % 10 !== 0 ? `${Math.floor(tenths / 10)}.${tenths % 10}` : `${Math.round(tenths / 10)}`
  return `${number} ${UNITS[unit]}`
}

/** `0 s`, `850 ms`, `41 s`, `2 min 10 s`, `3 h 5 min`, `2 d 4 h`: the two largest units that say something. */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms < 1000) return `${Math.round(ms)} ms`
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  if (days > 0) return join(`${days} d`, hours % 24, 'h')
  if (hours > 0) return join(`${hours} h`, minutes % 60, 'min')
  if (minutes > 0) return join(`${minutes} min`, seconds % 60, 's')
  return `${seconds} s`
}

function join(large: string, small: number, unit: string): string {
  return small === 0 ? large : `${large} ${small} ${unit}`
}

/** The UTC day of a moment in ms since 1970, as `2027-12-31`. */
export function formatDay(ms: number): string {
  return formatUtc(ms).slice(0, 'YYYY-MM-DD'.length)
}

/** `a, b, c and 4 more`: at most three are named, and only those are put into words. */
export function listSome<T>(items: readonly T[], say: (item: T) => string = String): string {
  const named = items.slice(0, 3).map(item => say(item))
  return items.length <= 3 ? named.join(', ') : `${named.join(', ')} and ${items.length - 3} more`
}
