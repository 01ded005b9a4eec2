/**
 * What a site has reported of a task, found by where it lies. Whoever declares and reports thousands holds nobody up: so many pairs are compared, no
 * more. Pure.
 */
import { compareIds } from './ids.ts'
import type { OutputExpectation } from './task-outputs.ts'

export interface ReportedOutputs {
  /** Those whose URL begins with this one, as it was given to the site. */
  below(url: string): OutputExpectation['reported']
}

/** Pairs of declared and reported outputs of one task. */
const MOST_COMPARED = 100_000

export function indexReported(reported: OutputExpectation['reported']): ReportedOutputs {
  const sorted = reported.toSorted((a, b) => compareIds(a.url, b.url))
  let left = MOST_COMPARED
  return {
    below(url) {
      const found: OutputExpectation['reported'][number][] = []
      for (let at = firstFrom(sorted, url); at < sorted.length && left > 0; at++) {
        const one = sorted[at]
        if (one === undefined || !one.url.startsWith(url)) break
        found.push(one)
        left -= 1
      }
      return found
    },
  }
}

/** The place of the first that does not come before the URL. */
function firstFrom(sorted: OutputExpectation['reported'], url: string): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareIds(sorted[middle]?.url ?? '', url) < 0) low = middle + 1
    else high = middle
  }
  return low
}
