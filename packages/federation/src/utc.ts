/**
 * A moment as text without `Date`, so that the same input gives the same bytes everywhere.
 */
const DAY_MS = 86_400_000

/** `2026-11-22T07:02:00Z` for ms since 1970; years 1970 to 9999. */
export function formatUtc(ms: number): string {
  const day = Math.floor(ms / DAY_MS)
  const seconds = Math.floor((ms - day * DAY_MS) / 1000)
  const [year, month, date] = toCivil(day)
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(pad).join(':')
  return `${year}-${pad(month)}-${pad(date)}T${time}Z`
}

/** Days since 1970 to the Gregorian calendar, counted in years that begin in March, so that the leap day is the last. */
function toCivil(day: number): [year: number, month: number, date: number] {
  const sinceMarch0 = day + 719_468
  const era = Math.floor(sinceMarch0 / 146_097)
  const dayOfEra = sinceMarch0 - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const date = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, date]
}

function pad(value: number): string {
  return value < 10 ? `0${value}` : `${value}`
}
