/**
 * Who follows events, and a broker that is killed meanwhile.
 */
import { createFakeSite } from '@portolan/tes/testing'
import { describe, expect, it, vi } from 'vitest'
import type { TaskEvent, TaskEventList } from '../../apps/broker/src/api/data-schemas.ts'
import { followStream } from '../harness/event-stream.ts'
import { until } from '../harness/until.ts'
import { openFederation, TEST_TIMEOUT_MS } from './fake-federation.ts'

vi.setConfig({ testTimeout: TEST_TIMEOUT_MS })

const TASKS = 12

describe('a stream whose broker is killed', () => {
  it('goes on at the next one after its last number, and has had each event once and in order', async () => {
    await using site = await createFakeSite()
    await using federation = await openFederation({ berlin: site })
    await federation.spawn()
    const address = `${federation.url}/portolan/v1/events?after=0`
    const got: TaskEvent[] = []
    let last = ''
    const follow = async (kills: boolean): Promise<void> => {
      const stream = await followStream(address, last === '' ? {} : { 'last-event-id': last })
      const ids: string[] = []
      for (let task = 0; task < TASKS; task++) ids.push(await federation.submit())
      await until('it has told of some', () => stream.events.length >= TASKS)
      if (kills) await federation.kill('SIGKILL')
      else {
        for (const id of ids) await federation.reach(id, 'COMPLETE')
        const ends = (): number => [...got, ...stream.events].filter(({ kind }) => kind === 'ended').length
        await until('it has told of all ends', () => ends() === 3 * TASKS)
        stream.close()
      }
      await stream.ended
      got.push(...stream.events)
      last = stream.ids.at(-1) ?? last
    }
    for (const kills of [true, true, false]) {
      await follow(kills)
      if (kills) await federation.spawn()
    }
    const numbers = got.map(({ number }) => number)
    const all: number[] = []
    for (let after = 0; all.at(-1) !== numbers.at(-1); ) {
      const answer = await fetch(`${federation.url}/portolan/v1/events?after=${after}&page_size=2047`)
      const page: TaskEventList = JSON.parse(await answer.text())
      all.push(...page.events.map(({ number }) => number).filter(number => number <= (numbers.at(-1) ?? 0)))
      after = page.after
    }
    expect(numbers).toEqual(all)
  })
})
