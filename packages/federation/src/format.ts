/** Bytes, durations and days for people, the same on every machine. */

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

/** The UTC day of a moment in ms since 1970, as `2027-12-31`. Counts in years that begin in March, so that the leap day is the last. */
export function formatDay(ms: number): string {
  const days = Math.floor(ms / 86_400_000) + 719_468
  const era = Math.floor(days / 146_097)
  const dayOfEra = days - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

/** `a, b, c and 4 more`: at most three are named. */
export function listSome(items: readonly string[]): string {
  return items.length <= 3 ? items.join(', ') : `${items.slice(0, 3).join(', ')} and ${items.length - 3} more`
}
