import type { SiteId, SiteTaskId } from '@portolan/federation'
import type { ReadTaskLog } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { until } from '../../../../test/harness/until.ts'
import { capText } from '../observe/cut-text.ts'
import type { LogAnswer } from '../sites/gateway.ts'
import type { LiveAnswer } from './live-logs.ts'
import { createSiteLogs } from './site-logs.ts'

const SITE = 'berlin' as SiteId
const never = new AbortController().signal
const task = (number: number): SiteTaskId => `task-${number}` as SiteTaskId
const logOf = (stdout: string): ReadTaskLog => ({ logs: [{ stdout }], outputs: [] })

interface Opened extends AsyncDisposable {
  /** When the site was asked, ms since 1970, and about what. */
  readonly asked: { readonly at: number; readonly task: SiteTaskId }[]
  readonly outcomes: string[]
  read(of: SiteTaskId, signal?: AbortSignal): Promise<LiveAnswer>
}

function open(perSecond: number, answer: (of: SiteTaskId) => LogAnswer | Promise<LogAnswer>, may: () => boolean = () => true): Opened {
  const asked: { at: number; task: SiteTaskId }[] = []
  const outcomes: string[] = []
  const gateway = {
    async readLog(of: SiteTaskId) {
      asked.push({ at: Date.now(), task: of })
      return await answer(of)
    },
  }
  const logs = createSiteLogs(
    new Map([[SITE, { gateway, perSecond, may }]]),
    { liveRead: (_, outcome) => void outcomes.push(outcome) },
    Date.now,
  )
  return {
    asked,
    outcomes,
    read: (of, signal = never) => logs.read(SITE, of, signal),
    [Symbol.asyncDispose]: () => logs[Symbol.asyncDispose](),
  }
}

const textOf = (answer: LiveAnswer): string | undefined => {
  const seen = answer.outcome === 'seen' ? answer : answer.last
  return seen?.log.executors[0]?.stdout?.text
}

describe('live logs', () => {
  it('show what a task has written, and serve all who ask at one time with one read', async () => {
    await using logs = open(10, () => ({ outcome: 'found', log: logOf('so far') }))
    const answers = await Promise.all(Array.from({ length: 50 }, () => logs.read(task(1))))
    expect(answers.map(textOf)).toEqual(answers.map(() => 'so far'))
    expect([logs.asked.length, logs.outcomes]).toEqual([1, ['found']])
  })

  it('tell where the end of a text stands whose middle was not kept', async () => {
    const text = 'one line\n'.repeat(100_000)
    await using logs = open(10, () => ({ outcome: 'found', log: logOf(capText(text)) }))
    const answer = await logs.read(task(1))
    const shown = answer.outcome === 'seen' ? answer.log.executors[0]?.stdout : undefined
    expect(shown).toEqual({ text: text.slice(-64 * 1024), from: text.length - 64 * 1024, total: text.length })
  })

  it('T16 ask no site more often than its budget says, whoever follows how many tasks there (I8)', async () => {
    const perSecond = 20
    await using logs = open(perSecond, of => ({ outcome: 'found', log: logOf(of) }))
    const over = new AbortController()
    const follow = async (of: SiteTaskId): Promise<void> => {
      while (!over.signal.aborted) {
        await logs.read(of)
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    const followers = Array.from({ length: 30 }, (_, index) => follow(task(index % 6)))
    await until('each task had its turns', () =>
      [0, 1, 2, 3, 4, 5].every(number => logs.asked.filter(({ task: of }) => of === task(number)).length >= 3),
    )
    over.abort()
    await Promise.all(followers)
    const lasted = (logs.asked.at(-1)?.at ?? 0) - (logs.asked[0]?.at ?? 0)
    expect(logs.asked.length).toBeLessThanOrEqual(2 + (lasted * perSecond) / 1000)
  })

  it('give who comes in between what was last seen, and read what is new behind their back', async () => {
    let count = 0
    await using logs = open(20, () => ({ outcome: 'found', log: logOf(`look ${++count}`) }))
    expect(textOf(await logs.read(task(1)))).toBe('look 1')
    expect(textOf(await logs.read(task(1)))).toBe('look 1')
    await until('there is something new', async () => textOf(await logs.read(task(1))) === 'look 2')
  })

  it('let a task that nobody has looked at wait for its turn, but not for long', async () => {
    await using logs = open(0.1, of => ({ outcome: 'found', log: logOf(of) }))
    await logs.read(task(1))
    expect(await logs.read(task(2), AbortSignal.timeout(50))).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('look again'),
    })
    expect(logs.asked).toHaveLength(1)
    await using quick = open(10, of => ({ outcome: 'found', log: logOf(of) }))
    await quick.read(task(1))
    expect(textOf(await quick.read(task(2)))).toBe('task-2')
  })

  it('say why there is nothing newer, with what was last seen', async () => {
    let answer: LogAnswer = { outcome: 'found', log: logOf('before') }
    let may = true
    await using logs = open(
      50,
      () => answer,
      () => may,
    )
    await logs.read(task(1))
    answer = { outcome: 'failed', failure: { kind: 'timeout', detail: 'The site did not answer' } }
    const failed = await until('it fails', async () => {
      const got = await logs.read(task(1))
      return got.outcome === 'failed' && got
    })
    expect([failed.detail, textOf(failed)]).toEqual(['The site did not answer', 'before'])
    answer = { outcome: 'absent' }
    await until('it is gone', async () => {
      const got = await logs.read(task(1))
      return got.outcome === 'failed' && got.detail === 'The site knows no such task'
    })
    may = false
    const before = logs.asked.length
    expect(await logs.read(task(1))).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('is not asked') })
    expect(await logs.read(task(2))).toMatchObject({ outcome: 'failed', last: undefined })
    expect(logs.asked.length).toBe(before)
  })

  it('end with who waits for them, and with the broker', async () => {
    const logs = open(10, () => new Promise<LogAnswer>(() => undefined))
    const leaving = new AbortController()
    const reading = logs.read(task(1), leaving.signal)
    leaving.abort()
    expect(await reading).toMatchObject({ outcome: 'failed' })
    await logs[Symbol.asyncDispose]()
  })
})
