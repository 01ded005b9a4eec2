import type { ProjectId, WorkId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { fairOrder, ownerOf, type Waiting } from './fair-order.ts'

const waiting = (id: string, subject: string, project = 'local'): Waiting => ({
  id: id as WorkId,
  owner: ownerOf({ project: project as ProjectId, owner: { issuer: 'local', subject } }),
  cancelled: false,
})
const nobody = new Map<string, number>()
const order = (rows: readonly Waiting[], served: ReadonlyMap<string, number> = nobody) => fairOrder(rows, served).map(({ id }) => id)

describe('T16 the order in which waiting work is placed (I12)', () => {
  it('takes one of each owner in turn, oldest first', () => {
    const rows = ['1', '2', '3', '7'].map(id => waiting(id, 'greedy')).concat(['4', '6'].map(id => waiting(id, 'modest')))
    expect(order(rows)).toEqual(['1', '4', '2', '6', '3', '7'])
  })

  it('gives each project of a person a turn of its own', () => {
    expect(order([waiting('1', 'p', 'a'), waiting('2', 'p', 'a'), waiting('3', 'p', 'b')])).toEqual(['1', '3', '2'])
  })

  it('lets the owner go first whose last turn is the longest ago, so that one free place at a time is shared too', () => {
    const served = new Map<string, number>()
    const rest = ['1', '2', '3', '4'].map(id => waiting(id, 'greedy')).concat([waiting('5', 'modest'), waiting('6', 'modest')])
    const taken: string[] = []
    while (rest.length > 0) {
      const [next] = fairOrder(rest, served)
      if (next === undefined) break
      served.set(next.owner, taken.push(next.id))
      rest.splice(rest.indexOf(next), 1)
    }
    expect(taken).toEqual(['1', '5', '2', '6', '3', '4'])
  })
})
