/**
 * Tables in columns as wide as they must be. A table that is printed page by page keeps the widths it has reached. Pure.
 */
import { crop, type Line, type Piece, textOf, widthOf } from './line.ts'

export interface Table {
  /** The head, before the first rows, and these rows. Widths grow with what they have to hold. */
  add(rows: readonly Line[]): readonly Line[]
}

const GAP = '  '

export function createTable(head: readonly string[]): Table {
  const widths = head.map(() => 0)
  let first = true
  return {
    add(rows) {
      const all: readonly Line[] = first ? [head.map((text): Piece => ({ text, style: 'bold' })), ...rows] : rows
      first = false
      for (const row of all) {
        for (const [column, piece] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(textOf(piece)))
      }
      return all.map(row => alignRow(row, widths))
    },
  }
}

/** The last cell is not padded. */
function alignRow(row: Line, widths: readonly number[]): Line {
  return row.flatMap((piece, column) => {
    if (column === row.length - 1) return [piece]
    return [piece, ' '.repeat((widths[column] ?? 0) - widthOf(textOf(piece))) + GAP]
  })
}

/** The line in at most so many columns. */
export function cropLine(line: Line, columns: number): Line {
  const kept: Piece[] = []
  let left = columns
  for (const piece of line) {
    const text = textOf(piece)
    const shown = crop(text, left)
    kept.push(typeof piece === 'string' ? shown : { ...piece, text: shown })
    left -= widthOf(shown)
    if (shown !== text) break
  }
  return kept
}
