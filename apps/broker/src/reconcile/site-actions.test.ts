import type { SiteTaskId } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import { createTesClient } from '@portolan/tes/client'
import { describe, expect, it } from 'vitest'
import { type ActionParts, openActions } from '../../test/action-parts.ts'
import { claim, NOW, newAttempt, SITE, workId } from '../stores/contract/builders.ts'

const TASK: TesTask = { executors: [{ image: 'alpine', command: ['true'] }] }

/** Stores a task at the site as others do, or as a broker did that then lost its memory. */
async function storeAtSite({ site }: ActionParts, tags: Readonly<Record<string, string>>): Promise<SiteTaskId> {
  const { id } = await createTesClient({ url: site.url }).createTask({ ...TASK, tags })
  return id as SiteTaskId
}

const sweep = (open: ActionParts, detail: 'MINIMAL' | 'BASIC' = 'BASIC') => open.actions.sweep(detail, open.look, open.lease, open.signal)

const cancels = ({ site }: ActionParts) => site.requests.filter(({ operation }) => operation === 'cancel').map(({ id }) => id)

describe('sweeping a site', () => {
  it('takes over the states that it shows, in one listing', async () => {
    await using open = await openActions()
    const one = await open.send()
    const two = await open.send()
    open.site.setState(one.id, 'RUNNING')
    open.site.setState(two.id, 'COMPLETE')
    open.parts.at += 10
    expect(await sweep(open, 'MINIMAL')).toBe('done')
    expect([open.attemptOf(one.row.id).state, open.attemptOf(two.row.id).state]).toEqual(['ACTIVE', 'CANDIDATE'])
    expect(open.rowOf(one.row.id).state).toBe('RUNNING')
    expect(open.contact.lastSweep).toEqual({ startedAt: NOW + 10, endedAt: NOW + 10, complete: true, view: 'MINIMAL' })
    expect(open.observed.at(-1)).toBe(`swept ${SITE}: complete, 2 tasks`)
  })

  it('adopts by its tag what was sent and never answered', async () => {
    await using open = await openActions()
    const { row, attempt } = await open.place()
    open.site.script.add('create', { do: 'hang-up', committed: true })
    await open.actions.offer(attempt, row, open.lease, open.signal)
    await sweep(open)
    expect(open.attemptOf(row.id)).toMatchObject({ siteTaskId: [...open.site.tasks.keys()][0], state: 'ACTIVE' })
    expect(cancels(open)).toEqual([])
  })

  it('cancels what bears our tag and nobody waits for, and leaves the tasks of others alone (I4)', async () => {
    await using open = await openActions()
    const late = await storeAtSite(open, open.tags.write(newAttempt(workId(77), { tagKeyId: 'k1' })))
    await storeAtSite(open, {})
    await storeAtSite(open, { 'portolan.broker': 'broker-1', 'portolan.task': 'w1', 'portolan.attempt': 'a1.n.k1.forged' })
    await sweep(open)
    expect(cancels(open)).toEqual([late])
  })

  it('cancels nothing once its lease is lost: another replica may have adopted it', async () => {
    await using open = await openActions()
    const { row, id } = await open.send()
    await storeAtSite(open, open.tags.write(newAttempt(workId(77), { tagKeyId: 'k1' })))
    open.site.setState(id, 'RUNNING')
    open.parts.at += 10
    await claim(open.parts.store, 'dispatch', 'another', NOW + 60_000)
    expect(await sweep(open)).toBe('fenced')
    expect(cancels(open)).toEqual([])
    expect(open.rowOf(row.id).state).toBe('QUEUED')
  })

  it('does not cancel what ended while the listing was on its way', async () => {
    await using open = await openActions()
    const { attempt, id } = await open.send()
    open.site.setState(id, 'RUNNING')
    open.parts.at += 10
    const end = { kind: 'confirm', at: NOW + 20, state: 'COMPLETE', detail: '' } as const
    const look = async () => {
      open.parts.at += 10
      await open.actions.apply(attempt, { kind: 'see', at: NOW + 20, state: 'COMPLETE' }, open.lease)
      await open.actions.apply(attempt, end, open.lease)
      return { ...(await open.look()), attempts: [] }
    }
    await open.actions.sweep('BASIC', look, open.lease, open.signal)
    expect(open.attemptOf(attempt.work).state).toBe('TERMINAL')
    expect(cancels(open)).toEqual([])
  })

  it('takes nothing for missing where the listing failed', async () => {
    await using open = await openActions()
    const { row } = await open.send()
    open.site.forget()
    open.site.script.add('list', { do: 'answer', status: 500 })
    open.parts.at += 10
    expect(await sweep(open)).toBe('done')
    expect(open.attemptOf(row.id).state).toBe('ACCEPTED')
    expect(open.contact.lastSweep?.complete).toBe(false)
    expect(open.contact.lastAnswerAt).toBe(NOW)
    open.parts.at += 10
    await sweep(open)
    expect(open.attemptOf(row.id).state).toBe('SUSPECT')
  })

  it('does not believe that most of its tasks are gone at once', async () => {
    await using open = await openActions()
    const sent = [await open.send(), await open.send(), await open.send(), await open.send(), await open.send()]
    open.site.forget()
    open.parts.at += 10
    await sweep(open)
    expect(sent.map(({ row }) => open.attemptOf(row.id).state)).toEqual(sent.map(() => 'ACCEPTED'))
    expect(open.contact.quarantinedSince).toBe(NOW + 10)
  })
})

describe('withdrawing a task', () => {
  it('asks the site to cancel it, writes that down, and looks what came of it', async () => {
    await using open = await openActions()
    const { row, attempt, id } = await open.send()
    await open.actions.apply(attempt, { kind: 'wantCancel', at: NOW }, open.lease)
    expect(await open.actions.withdraw(attempt, row, id, open.lease, open.signal)).toBe('done')
    expect(cancels(open)).toEqual([id])
    expect(open.attemptOf(row.id)).toMatchObject({ state: 'CANDIDATE', cancelSentAt: NOW, candidate: { state: 'CANCELED' } })
  })

  it('writes down that it has asked where the site fails, and does not look', async () => {
    await using open = await openActions()
    const { row, attempt, id } = await open.send()
    await open.actions.apply(attempt, { kind: 'wantCancel', at: NOW }, open.lease)
    open.site.script.add('cancel', { do: 'answer', status: 500 })
    await open.actions.withdraw(attempt, row, id, open.lease, open.signal)
    expect(open.attemptOf(row.id)).toMatchObject({ state: 'ACCEPTED', cancelSentAt: NOW })
    expect(open.site.requests.some(({ operation }) => operation === 'get')).toBe(false)
  })
})
