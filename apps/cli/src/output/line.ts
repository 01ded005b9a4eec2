/**
 * A line on its way to the terminal: pieces of text, some with a style. Styles are words of `util.styleText`; the text itself is cleaned when it
 * is written, so no piece can bring a style of its own.
 */
import type { TesState } from '@portolan/tes'
import { cleanLine } from './escape.ts'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'
export type Piece = string | { readonly text: string; readonly style: Style }
export type Line = readonly Piece[]

export function textOf(piece: Piece): string {
  return cleanLine(typeof piece === 'string' ? piece : piece.text)
}

const WIDE =
  /[\u{1100}-\u{115f}\u{2e80}-\u{a4cf}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
const MARK = /\p{M}/u

/** Columns that the text takes on a terminal: two for a wide character, none for a mark on another. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}

/** At most so many columns of the text; what is cut off shows as `…`. */
export function crop(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let kept = ''
  let width = 0
  for (const character of text) {
    width += widthOf(character)
    if (width >= columns) break
    kept += character
  }
  return columns > 0 ? `${kept}…` : ''
}

export function showState(state: TesState): Piece {
  const style = STATE_STYLES[state]
  return style === undefined ? state : { text: state, style }
}

const STATE_STYLES: Partial<Record<TesState, Style>> = {
  RUNNING: 'cyan',
  COMPLETE: 'green',
  EXECUTOR_ERROR: 'red',
  SYSTEM_ERROR: 'red',
  PREEMPTED: 'yellow',
  CANCELED: 'yellow',
}
