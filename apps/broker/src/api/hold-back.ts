/**
 * Answers that are held back for a moment. A bounded number: who sends a thousand requests down one connection without reading an answer would make
 * the broker keep them all. Beyond it nothing is held back.
 */
const MOST_HELD = 5_000

/** Resolves when the time is over, two seconds at most; undefined: at once. */
export type HoldBack = (ms: number) => Promise<void> | undefined

export function createHoldBack(most: number = MOST_HELD): HoldBack {
  let held = 0
  return ms => {
    if (ms <= 0 || held >= most) return undefined
    held += 1
    return new Promise(resolve => {
      setTimeout(() => {
        held -= 1
        resolve()
      }, ms)
    })
  }
}
