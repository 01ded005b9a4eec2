/**
 * Prints what is new of a log, each character once: under headings where there are several texts, as it is where one kind is asked for, or as JSON lines.
 */
import type { Output } from '../output/output.ts'
import { findNew, NOTHING_SHOWN, type Shown, type TextTail } from './new-text.ts'
import type { ReadLog } from './read-log.ts'

export type LogKind = 'stdout' | 'stderr' | 'system'

export interface LogPrinter {
  show(log: ReadLog): void
}

/** `only`: of this kind alone, without headings. */
export function createLogPrinter(output: Output, only: LogKind | undefined): LogPrinter {
  const shown = new Map<string, Shown>()
  let heading = ''
  let isAtLineStart = true
  let systemLines = 0

  function write(title: string, text: string): void {
    if (only === undefined && title !== heading) {
      if (!isAtLineStart) output.printPart('\n')
      output.print([[{ text: `== ${title}`, style: 'bold' }]])
      heading = title
    }
    output.printPart(text)
    isAtLineStart = text.endsWith('\n')
  }

  function showText(kind: LogKind, number: number, tail: TextTail | undefined): void {
    if (tail === undefined) return
    const title = `executor ${number}, ${kind}`
    const found = findNew(shown.get(title) ?? NOTHING_SHOWN, tail)
    shown.set(title, found.shown)
    if (found.missed !== 0) output.note(`${title}: ${found.missed < 0 ? 'some' : found.missed} characters are left out here`)
    if (found.text === '') return
    if (output.json) output.record({ executor: number, kind, text: found.text })
    else write(title, found.text)
  }

  /** Lines are only ever added behind the ones before. */
  function showSystem(lines: readonly string[]): void {
    const added = lines.slice(systemLines)
    systemLines = Math.max(systemLines, lines.length)
    if (added.length === 0) return
    if (output.json) for (const text of added) output.record({ kind: 'system', text })
    else write('system', `${added.join('\n')}\n`)
  }

  return {
    show({ executors, system }) {
      for (const [index, { stdout, stderr }] of executors.entries()) {
        if (only === undefined || only === 'stdout') showText('stdout', index + 1, stdout)
        if (only === undefined || only === 'stderr') showText('stderr', index + 1, stderr)
      }
      if (only === undefined || only === 'system') showSystem(system)
    },
  }
}
