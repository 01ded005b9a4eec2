/**
 * Ids of tasks: `[a-z0-9-]`, in the order of creation, not to be guessed.
 */
import { randomBytes } from 'node:crypto'

const TIME_DIGITS = 9
const COUNT_DIGITS = 4

/** Makes ids that rise within one process even if the clock stands still or steps back. */
export function createTaskIds(now: () => number): () => string {
  let last = 0
  let count = 0
  return () => {
    const time = now()
    if (time > last) {
      last = time
      count = 0
    } else count++
    const stem = last.toString(36).padStart(TIME_DIGITS, '0') + count.toString(36).padStart(COUNT_DIGITS, '0')
    return `${stem}-${randomBytes(5).toString('hex')}`
  }
}
