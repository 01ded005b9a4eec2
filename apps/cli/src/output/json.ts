/**
 * JSON for machines that is safe on a terminal too: what a terminal could obey stands there as an escape of JSON, so nothing is lost.
 */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\u{2028}\u{2029}]/gu

/** The value as JSON; `indent` spreads it over several lines. Read back it is the same value. */
export function toJsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(UNSEEN, escapeUnits)
}

/** One escape for each UTF-16 unit. */
function escapeUnits(character: string): string {
  return character
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
