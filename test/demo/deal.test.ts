/**
 * The demo under many deals: no task loses its point, and the broker's placement, reading the files that the demo writes for operators, sends
 * every task where the demo's own sum says.
 */
import { describe, expect, it } from 'vitest'
import { candidates, candidatesWithoutWishes, cheapestWithoutResidency } from '../../demo/src/expect.ts'
import { expectedFlows, writeScript } from '../../demo/src/script.ts'
import { type DemoTask, isFree } from '../../demo/src/tasks.ts'
import { borderOf } from '../../demo/src/traffic.ts'
import { FILES, SITE_FACTS, SITES, VICTIM } from '../../demo/src/world.ts'
import { openPlacement } from './placement.ts'

const SEEDS = Array.from({ length: 60 }, (_, index) => `seed-${index}`)

describe.each(['', ...SEEDS])('the deal by "%s"', seed => {
  const script = writeScript(seed)
  const { deal, sizes, tasks } = script
  const find = (name: string): DemoTask => {
    const task = tasks.find(one => one.name === name)
    if (!task) throw new Error(`no task ${name}`)
    return task
  }
  /** The sites that may run it, the best first. */
  const sitesFor = (name: string): readonly string[] => candidates(find(name), deal, sizes).map(({ site }) => site)

  it('is the same again, and keeps from the open site what is not public', () => {
    expect(writeScript(seed)).toEqual(script)
    for (const { name, sensitivity } of FILES) expect(sensitivity === 'public' || !SITE_FACTS[deal[name]].open).toBe(true)
  })

  it('gives every task its point', () => {
    expect(tasks).toHaveLength(11)
    for (const site of SITES) expect(sitesFor(`own-${site}`)).toEqual([site])
    expect(new Set(find('two-sites').files.map(file => deal[file])).size).toBe(2)
    expect(sitesFor('two-sites')[0]).toBe(deal['lambda-reads.fq'])
    expect(cheapestWithoutResidency(find('residency'), deal, sizes)?.site).not.toBe(sitesFor('residency')[0])
    expect(sitesFor('rerunnable')[0]).toBe(VICTIM)
    expect(candidates(find('rerunnable'), deal, sizes, [VICTIM])).not.toEqual([])
    expect(sitesFor('patient')).toEqual([VICTIM])
    expect(sitesFor('cancelled')[0]).not.toBe(VICTIM)
  })

  it('lets each wish change the answer', () => {
    expect(sitesFor('named')).not.toContain(candidatesWithoutWishes(find('named'), deal, sizes)[0]?.site)
    expect(sitesFor('named')).toHaveLength(1)
    expect(sitesFor('homebound')).toEqual([VICTIM])
    expect(candidates(find('homebound'), deal, sizes, [VICTIM])).toEqual([])
    expect(candidatesWithoutWishes(find('homebound'), deal, sizes, [VICTIM])).not.toEqual([])
  })

  it('lets inputs and results cross the border', () => {
    const flows = expectedFlows(script).filter(flow => borderOf(flow) !== undefined)
    expect(new Set(flows.map(({ what }) => what))).toEqual(new Set(['input', 'result']))
  })

  it('sends every task where the demo says', async () => {
    await using placement = await openPlacement(script)
    for (const task of tasks)
      expect([task.name, (await placement.decide(task)).chosen]).toEqual([task.name, candidates(task, deal, sizes)[0]?.site ?? null])
    const second = candidates(find('rerunnable'), deal, sizes, [VICTIM])[0]?.site
    expect((await placement.decide(find('rerunnable'), { tried: [VICTIM] })).chosen).toBe(second)
    for (const task of tasks.filter(one => !isFree(one))) {
      const [free] = candidatesWithoutWishes(task, deal, sizes, [VICTIM])
      const unwished = await placement.decide({ ...task, pinned: false, wished: undefined }, { closed: [VICTIM] })
      expect([task.name, unwished.chosen]).toEqual([task.name, free?.site ?? null])
    }
    expect(await placement.decide(find('homebound'), { closed: [VICTIM] })).toMatchObject({ chosen: null, outcome: 'hold' })
  })
})
