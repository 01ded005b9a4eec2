/**
 * How the demo speaks: headings, steps as they happen, and one table at the end.
 */
import process from 'node:process'

export function say(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** A step with the seconds since the start. */
export function createSteps(startedAt: number): (text: string) => void {
  return text => say(`  ${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${text}`)
}

export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map(row => (row[i] ?? '').length)))
  const line = (cells: readonly string[]): string => `  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd()
  return [line(head), `  ${widths.map(width => '-'.repeat(width)).join('  ')}`, ...rows.map(line)].join('\n')
}

export function formatBytes(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(0)} kB`
}
