import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDearTurns } from './dear-turns.ts'

const person = (subject: string) => ({ issuer: 'https://login.example.org/', subject })
const ADA = person('ada')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('T16 turns for dear requests', () => {
  it('are one at a time for each person, in the order in which they came', async () => {
    const turns = createDearTurns(Date.now)
    const had: string[] = []
    const take = async (name: string, who = ADA) => {
      const end = await turns.take(who)
      had.push(name)
      return end
    }
    const first = take('ada 1')
    void take('ada 2')
    void take('ben 1', person('ben'))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(had).toEqual(['ada 1', 'ben 1'])
    const end = await first
    end()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(had).toEqual(['ada 1', 'ben 1', 'ada 2'])
  })

  it('are followed by a rest as long as they took, a second at most', async () => {
    const turns = createDearTurns(Date.now)
    const waits = async (tookMs: number): Promise<number> => {
      const end = await turns.take(ADA)
      await vi.advanceTimersByTimeAsync(tookMs)
      const at = Date.now()
      let began = 0
      const next = turns.take(ADA).then(endNext => {
        began = Date.now()
        endNext()
      })
      end()
      await vi.advanceTimersByTimeAsync(5_000)
      await next
      return began - at
    }
    expect([await waits(200), await waits(5_000)]).toEqual([200, 1_000])
  })

  it('do what keeps the process busy one after the other, whoever asks, and rest as long as it took', async () => {
    const turns = createDearTurns(Date.now)
    const begun: number[] = []
    const start = Date.now()
    const act = (tookMs: number) =>
      turns.act(ADA, () => {
        begun.push(Date.now() - start)
        vi.setSystemTime(Date.now() + tookMs)
      })
    const all = Promise.all([act(300), act(40), act(1), act(2), act(3), act(0)])
    await vi.advanceTimersByTimeAsync(10_000)
    await all
    // Three short ones are owed for together.
    expect(begun).toEqual([0, 600, 680, 681, 683, 692])
  })

  it('do what keeps the process busy for the persons in turn, however much one of them waits for', async () => {
    const turns = createDearTurns(Date.now)
    const had: string[] = []
    const act = (name: string, subject: string) => turns.act(person(subject), () => void had.push(name))
    const all = [...Array.from({ length: 40 }, (_, index) => act(`ada ${index + 1}`, 'ada')), act('ben 1', 'ben'), act('ben 2', 'ben')]
    await vi.advanceTimersByTimeAsync(1_000)
    await Promise.all(all)
    expect([had.length, had.slice(0, 5)]).toEqual([42, ['ada 1', 'ada 2', 'ben 1', 'ada 3', 'ben 2']])
  })

  it('go on when one has thrown', async () => {
    const turns = createDearTurns(Date.now)
    const thrown = expect(
      turns.act(ADA, () => {
        throw new Error('not now')
      }),
    ).rejects.toThrow('not now')
    let isDone = false
    await turns.act(ADA, () => {
      isDone = true
    })
    await thrown
    expect(isDone).toBe(true)
  })
})
