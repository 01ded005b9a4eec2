/**
 * How far files have come, drawn over itself on a terminal and nowhere else.
 */
import { formatBytes } from '@portolan/federation'
import type { Output } from '../output/output.ts'

export interface Progress {
  /** So many bytes more are there. */
  add(bytes: number): void
  /** One file more is over, however it ended. */
  endFile(): void
  /** Takes the line away, for what is said between. */
  clear(): void
}

export interface ProgressTotals {
  readonly files: number
  readonly bytes: number
}

const EVERY_MS = 200
const BAR_COLUMNS = 24

export function showProgress(output: Pick<Output, 'live' | 'redraw'>, totals: ProgressTotals, now: () => number): Progress {
  const startedAt = now()
  let bytes = 0
  let files = 0
  let drawnAt = 0
  const draw = (): void => {
    if (!output.live || now() - drawnAt < EVERY_MS) return
    drawnAt = now()
    output.redraw([[lineOf(totals, { files, bytes }, drawnAt - startedAt)]])
  }
  return {
    add(more) {
      bytes += more
      draw()
    },
    endFile() {
      files += 1
      draw()
    },
    clear() {
      if (output.live) output.redraw([])
      drawnAt = 0
    },
  }
}

/** Pure. */
export function lineOf(totals: ProgressTotals, now: ProgressTotals, ms: number): string {
  const share = totals.bytes === 0 ? 1 : Math.min(now.bytes / totals.bytes, 1)
  const bar = '#'.repeat(Math.round(share * BAR_COLUMNS)).padEnd(BAR_COLUMNS, '.')
  const rate = ms > 0 ? `${formatBytes((now.bytes * 1000) / ms)}/s` : ''
  return `[${bar}] ${Math.floor(share * 100)} %  ${formatBytes(now.bytes)} of ${formatBytes(totals.bytes)}  ${now.files} of ${totals.files} files  ${rate}`.trimEnd()
}
