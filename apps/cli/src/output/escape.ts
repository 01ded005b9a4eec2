/**
 * Foreign text on its way to a terminal: names, tags, logs, reasons and error bodies could otherwise move the cursor, set the title, fill the
 * clipboard, or show something else than they say. Pure.
 */
const ESC = '\\u001b'
const TERMINATOR = `(?:\\u0007|${ESC}\\\\|\\u009c)`
/** Sequences that belong together go as a whole: CSI; OSC, DCS, SOS, PM and APC up to their end, if they have one; the short ones. */
const SEQUENCES = new RegExp(
  [
    `(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*[@-~]`,
    `(?:${ESC}[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\p{Cc}]*${TERMINATOR}`,
    `${ESC}[ -/]*[0-~]`,
  ].join('|'),
  'gu',
)
const LINE_ENDS = /\r\n|[\r\v\f\u{85}\u{2028}\u{2029}]/gu
/** What is left of controls, and everything that has no picture of its own: bidi marks, zero widths, tags. */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}]/gu

/** The text without anything that a terminal obeys. Ends of lines become `\n`; they and tabs stay. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(SEQUENCES, '').replace(LINE_ENDS, '\n').replace(UNSEEN, '')
}

/** The same on one line: ends of lines and tabs become blanks. */
export function cleanLine(text: string): string {
  return cleanText(text).replace(/[\n\t]+/g, ' ')
}

/** Every string of the value cleaned, keys too: for a renderer that makes text of it. */
export function cleanDeep(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value)
  if (Array.isArray(value)) return value.map(cleanDeep)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [cleanLine(key), cleanDeep(entry)]))
}
