/**
 * How the demo speaks: steps as they happen, tables, and lines that fit a screen.
 */
import process from 'node:process'

/** Lines are broken before they get longer than this. */
const WIDTH = 150

export function say(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** A step with the seconds since the start. */
export function createSteps(startedAt: number): (text: string) => void {
  return text => say(hang(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  `, text))
}

/** A text behind its label; what does not fit goes on below, under its own beginning. */
export function hang(label: string, text: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH - label.length - 2) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((part, index) => `  ${index === 0 ? label : ' '.repeat(label.length)}${part}`.trimEnd()).join('\n')
}

export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map(row => (row[i] ?? '').length)))
  const line = (cells: readonly string[]): string => `  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd()
  return [line(head), `  ${widths.map(width => '-'.repeat(width)).join('  ')}`, ...rows.map(line)].join('\n')
}

export function formatBytes(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(0)} kB`
}
