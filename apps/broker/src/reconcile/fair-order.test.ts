import type { ProjectId, WorkId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import type { WorkRow } from '../stores/store.ts'
import { fairOrder } from './fair-order.ts'

const row = (id: string, subject: string, project = 'local'): WorkRow => ({
  id: id as WorkId,
  kind: 'task',
  owner: { issuer: 'local', subject },
  project: project as ProjectId,
  name: undefined,
  tags: {},
  state: 'QUEUED',
  version: 1,
  createdAt: 0,
  rerunnable: false,
})

describe('the order in which waiting work is placed (I12)', () => {
  it('takes one of each owner in turn, oldest first', () => {
    const rows = [row('1', 'greedy'), row('2', 'greedy'), row('3', 'greedy'), row('4', 'modest'), row('5', 'greedy'), row('6', 'modest')]
    expect(fairOrder(rows).map(({ id }) => id)).toEqual(['1', '4', '2', '6', '3', '5'])
  })

  it('gives each project of a person a turn of its own', () => {
    expect(fairOrder([row('1', 'p', 'a'), row('2', 'p', 'a'), row('3', 'p', 'b')]).map(({ id }) => id)).toEqual(['1', '3', '2'])
  })
})
