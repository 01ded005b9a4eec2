/**
 * The one place that writes to the terminal. Text is cleaned here, whatever it is, and styled after that; results go to standard output, notes
 * and errors to standard error. With `--json` all of it is JSON.
 */
import { clearScreenDown, moveCursor } from 'node:readline'
import type { Writable } from 'node:stream'
import { styleText } from 'node:util'
import { cleanText } from './escape.ts'
import { toJsonText } from './json.ts'
import { type Line, textOf } from './line.ts'

/** A stream that may be a terminal. */
export interface Screen extends Writable {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

export interface Output {
  readonly json: boolean
  /** True if lines that were written can be written over. */
  readonly live: boolean
  readonly size: { readonly columns: number; readonly rows: number }
  print(lines: readonly Line[]): void
  /** Text of several lines. */
  printText(text: string): void
  /** A part of a text, as it goes on: nothing is put behind it. */
  printPart(text: string): void
  /** Writes over what the last `redraw` wrote. Only where `live`. */
  redraw(lines: readonly Line[]): void
  /** One line of JSON. */
  record(value: unknown): void
  /** One document of JSON. */
  document(value: unknown): void
  /** A remark beside the result. */
  note(text: string): void
  /** Lines of an error, or the error itself as JSON. */
  fail(lines: readonly string[], error: unknown): void
}

const INDENT = 2
const DEFAULT_SIZE = { columns: 80, rows: 24 }

export function createOutput(stdout: Screen, stderr: Screen, json: boolean): Output {
  let drawn = 0
  const render = (line: Line): string =>
    line
      .map(piece => (typeof piece === 'string' ? textOf(piece) : styleText(piece.style, textOf(piece), { stream: stdout })))
      .join('')
      .trimEnd()
  const print = (lines: readonly Line[]): void => {
    if (lines.length > 0) stdout.write(`${lines.map(render).join('\n')}\n`)
  }
  return {
    json,
    live: !json && stdout.isTTY === true,
    get size() {
      // Some terminals of containers say that they have none.
      return { columns: stdout.columns || DEFAULT_SIZE.columns, rows: stdout.rows || DEFAULT_SIZE.rows }
    },
    print,
    printText(text) {
      const clean = cleanText(text)
      if (clean !== '') stdout.write(clean.endsWith('\n') ? clean : `${clean}\n`)
    },
    printPart: text => void stdout.write(cleanText(text)),
    redraw(lines) {
      if (drawn > 0) {
        moveCursor(stdout, 0, -drawn)
        clearScreenDown(stdout)
      }
      print(lines)
      drawn = lines.length
    },
    record: value => void stdout.write(`${toJsonText(value)}\n`),
    document: value => void stdout.write(`${toJsonText(value, INDENT)}\n`),
    note: text => void stderr.write(`${json ? toJsonText({ note: text }) : textOf(text)}\n`),
    fail(lines, error) {
      stderr.write(json ? `${toJsonText({ error })}\n` : `${lines.map(textOf).join('\n')}\n`)
    },
  }
}
