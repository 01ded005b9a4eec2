/**
 * One figure of the bench, and how it is made from samples.
 */

export interface BenchRow {
  readonly id: string
  /** The median of the samples. */
  readonly value: number
  readonly unit: string
  /** What a peer did in the same run; null where there is none. */
  readonly against: number | null
  /** `value / against`. */
  readonly ratio: number | null
  /** What must hold: the ratio if there is one, else the value. Null: the figure is there to be known. */
  readonly bar: number | null
  readonly holds: boolean
  /** One a round, in the order of measuring. */
  readonly samples: readonly number[]
}

/** Which side of the bar is the good one. */
export type Good = 'atLeast' | 'atMost' | 'below'

const HOLDS: Record<Good, (judged: number, bar: number) => boolean> = {
  atLeast: (judged, bar) => judged >= bar,
  atMost: (judged, bar) => judged <= bar,
  below: (judged, bar) => judged < bar,
}

export interface RowFacts {
  readonly id: string
  readonly unit: string
  readonly bar: number | null
  readonly good: Good
  readonly samples: readonly number[]
  /** Samples of the peer, one a round. */
  readonly against?: readonly number[] | undefined
}

/** The ratio, where there is a peer, is that of the medians. */
export function makeRow({ id, unit, bar, good, samples, against }: RowFacts): BenchRow {
  const value = round(median(samples))
  const peer = against && round(median(against))
  const ratio = peer === undefined ? null : round(value / peer)
  const judged = ratio ?? value
  const holds = bar === null || HOLDS[good](judged, bar)
  return { id, value, unit, against: peer ?? null, ratio, bar, holds, samples: samples.map(round) }
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value that the share `q` of all values lies below. NaN without values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

/** Four digits that count are more than a bench can tell. */
function round(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(4))
}
