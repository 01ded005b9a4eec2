/**
 * What every bus does, whatever carries it. `settle` waits until nothing that was woken is left to call.
 */
import { describe, expect, it } from 'vitest'
import type { Bus } from './bus.ts'

export function describeBus(name: string, makeBus: () => Promise<Bus>, settle: () => Promise<void>): void {
  describe(`the bus: ${name}`, () => {
    it('calls every listener of a topic and nobody else', async () => {
      await using bus = await makeBus()
      const calls: string[] = []
      bus.subscribe('dispatch', () => calls.push('first'))
      bus.subscribe('dispatch', () => calls.push('second'))
      bus.subscribe('site:a', () => calls.push('site'))
      bus.wake('dispatch')
      await settle()
      expect(calls.sort((left, right) => (left < right ? -1 : 1))).toEqual(['first', 'second'])
    })

    it('never calls back before the caller has gone on', async () => {
      await using bus = await makeBus()
      const order: string[] = []
      bus.subscribe('dispatch', () => order.push('listener'))
      bus.wake('dispatch')
      order.push('caller')
      await settle()
      expect(order).toEqual(['caller', 'listener'])
    })

    it('makes at least one call of many wake-ups, and one more for a wake-up from within', async () => {
      await using bus = await makeBus()
      let calls = 0
      bus.subscribe('site:a', () => {
        calls++
        if (calls === 1) bus.wake('site:a')
      })
      for (let count = 0; count < 100; count++) bus.wake('site:a')
      await settle()
      expect(calls).toBeGreaterThanOrEqual(2)
      expect(calls).toBeLessThanOrEqual(101)
    })

    it('calls nobody who has left, even if woken just before', async () => {
      await using bus = await makeBus()
      let calls = 0
      const leave = bus.subscribe('dispatch', () => calls++)
      bus.wake('dispatch')
      leave()
      leave()
      bus.wake('dispatch')
      await settle()
      expect(calls).toBe(0)
    })

    it('loses a wake-up that nobody listens to, without complaint', async () => {
      await using bus = await makeBus()
      bus.wake('site:nobody')
      await settle()
    })

    it('is silent once it is disposed', async () => {
      const bus = await makeBus()
      let calls = 0
      bus.subscribe('dispatch', () => calls++)
      bus.wake('dispatch')
      await bus[Symbol.asyncDispose]()
      bus.wake('dispatch')
      await settle()
      expect(calls).toBe(0)
    })
  })
}
