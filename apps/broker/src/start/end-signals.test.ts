import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { hearEndSignals } from './end-signals.ts'

interface Row {
  readonly title: string
  readonly heard: readonly (readonly [ms: number, signal: string])[]
  readonly atOnce: number
  readonly warnings?: number
}

it.each([
  { title: 'one SIGTERM ends in good order', heard: [[0, 'SIGTERM']], atOnce: 0 },
  { title: 'one SIGINT ends in good order, however late', heard: [[60_000, 'SIGINT']], atOnce: 0 },
  {
    title: 'SIGTERM again and again is ignored',
    heard: [
      [0, 'SIGTERM'],
      [10, 'SIGTERM'],
      [5_000, 'SIGTERM'],
    ],
    atOnce: 0,
  },
  {
    title: 'SIGINT heard twice at once is one press',
    heard: [
      [0, 'SIGINT'],
      [1, 'SIGINT'],
      [900, 'SIGINT'],
    ],
    atOnce: 0,
  },
  {
    title: 'SIGINT pressed again ends at once',
    heard: [
      [0, 'SIGINT'],
      [1_500, 'SIGINT'],
    ],
    atOnce: 1,
  },
  { title: 'one SIGHUP ends in good order', heard: [[0, 'SIGHUP']], atOnce: 0 },
  {
    title: 'SIGHUP again is ignored',
    heard: [
      [0, 'SIGHUP'],
      [1_500, 'SIGHUP'],
    ],
    atOnce: 0,
  },
  {
    title: 'the first SIGINT after SIGTERM is noted',
    heard: [
      [0, 'SIGTERM'],
      [1_500, 'SIGINT'],
      [1_501, 'SIGINT'],
    ],
    atOnce: 0,
    warnings: 1,
  },
  {
    title: 'the second SIGINT after SIGTERM ends at once',
    heard: [
      [0, 'SIGTERM'],
      [10, 'SIGINT'],
      [1_500, 'SIGINT'],
    ],
    atOnce: 1,
    warnings: 1,
  },
  {
    title: 'SIGTERM after SIGINT is ignored',
    heard: [
      [0, 'SIGINT'],
      [1_500, 'SIGTERM'],
    ],
    atOnce: 0,
  },
] as const satisfies readonly Row[])('$title', async ({ heard, atOnce, warnings }: Row) => {
  const signals = new EventEmitter()
  let at = 0
  let ends = 0
  let warned = 0
  const ended = hearEndSignals({ signals, now: () => at, warn: () => (warned += 1), endAtOnce: () => (ends += 1) })
  for (const [moment, signal] of heard) {
    at = moment
    signals.emit(signal)
  }
  await ended
  expect({ ends, warned }).toEqual({ ends: atOnce, warned: warnings ?? 0 })
})
