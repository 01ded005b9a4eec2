/**
 * Numbers from a seed, so that a run can be tried again.
 */
export interface Random {
  /** A whole number from `min` to `max`. */
  between(min: number, max: number): number
}

/** mulberry32. Processes that run beside each other take their turns as they like: the same seed gives the same plan, not the same run. */
export function randomOf(seed: number): Random {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { between: (min, max) => min + Math.floor(next() * (max - min + 1)) }
}
