import { expect, it } from 'vitest'
import { startWithin } from './start-bounds.ts'

const never = new Promise<never>(() => undefined)

it.each([
  { title: 'a start in time', start: async () => 'broker', ended: never, startMs: 60_000, outcome: { kind: 'started', started: 'broker' } },
  { title: 'a start that hangs', start: () => never, ended: never, startMs: 1, outcome: { kind: 'overdue' } },
  { title: 'a start that hangs and is to end', start: () => never, ended: Promise.resolve(), startMs: 60_000, outcome: { kind: 'cut' } },
])('$title is $outcome.kind', async ({ start, ended, startMs, outcome }) => {
  expect(await startWithin<string>({ start, ended, startMs, graceMs: 1 })).toEqual(outcome)
})

it('a start that fails is a failure', async () => {
  const start = (): Promise<never> => Promise.reject(new Error('no disk'))
  await expect(startWithin({ start, ended: never, startMs: 60_000, graceMs: 1 })).rejects.toThrow('no disk')
})
