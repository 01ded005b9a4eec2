import { describe, expect, it } from 'vitest'
import { until } from '../../../../test/harness/until.ts'
import { openActions } from '../../test/action-parts.ts'
import { SYSTEM } from '../auth/principal.ts'
import { TokenFailure } from '../http/token-failure.ts'
import { claim, NOW, SITE } from '../stores/contract/builders.ts'

describe('offering a task to a site', () => {
  it('makes the intent durable before the site hears of it, and keeps the id that the site gives', async () => {
    await using open = await openActions()
    const { row, attempt } = await open.place()
    open.site.script.add('create', { do: 'hold' })
    const offered = open.actions.offer(attempt, row, open.lease, open.signal)
    await until('the site has the task and holds its answer back', () => open.site.tasks.size === 1)
    expect(open.attemptOf(row.id).state).toBe('SUBMITTING')
    open.site.script.release()
    expect(await offered).toBe('done')
    expect(open.attemptOf(row.id)).toMatchObject({ state: 'ACCEPTED', siteTaskId: [...open.site.tasks.keys()][0], acceptedAt: NOW })
    expect(open.parts.store.getEvents(SYSTEM, row.id).map(({ kind }) => kind)).toEqual(['created', 'decided', 'intend', 'send', 'accept'])
    expect(open.observed).toEqual([`offered at ${SITE}: accepted`])
    expect(open.contact.lastAnswerAt).toBe(NOW)
  })

  it('sends it under a signed tag that names it, and without tags that a user made up', async () => {
    await using open = await openActions()
    const task = { tags: { mine: 'kept', 'portolan.attempt': 'forged' }, executors: [{ image: 'alpine', command: ['true'] }] }
    const { row, attempt } = await open.send({ documentText: JSON.stringify(task) })
    const [sent] = open.site.tasks.values()
    expect(sent?.document.tags).toMatchObject({ mine: 'kept' })
    expect(open.tags.read(attempt.site, sent?.document.tags ?? {})).toEqual({ work: row.id, attempt: attempt.id })
  })

  it('sends nothing that the policy of the site forbids at this moment, and says why (I9)', async () => {
    await using open = await openActions({ forbids: 'RESIDENCY: the data stays in DE' })
    const { row, attempt } = await open.place()
    expect(await open.actions.offer(attempt, row, open.lease, open.signal)).toBe('done')
    expect(open.site.requests).toEqual([])
    expect(open.attemptOf(row.id).end).toMatchObject({ outcome: 'UNSENT', detail: 'RESIDENCY: the data stays in DE' })
  })

  it('sends nothing under a lease that another replica has taken (I6)', async () => {
    await using open = await openActions()
    const { row, attempt } = await open.place()
    await claim(open.parts.store, 'dispatch', 'another', NOW + 60_000)
    expect(await open.actions.offer(attempt, row, open.lease, open.signal)).toBe('fenced')
    expect(open.site.requests).toEqual([])
    expect(open.attemptOf(row.id).state).toBe('PLACED')
  })

  it('sends nothing that somebody has withdrawn in the meantime', async () => {
    await using open = await openActions()
    const { row, attempt } = await open.place()
    await open.actions.apply(attempt, { kind: 'withdrawUnsent', at: NOW, detail: 'canceled' }, open.lease)
    expect(await open.actions.offer(attempt, row, open.lease, open.signal)).toBe('done')
    expect(open.site.requests).toEqual([])
  })

  it.each([
    [400, 'REJECTED', 'document'],
    [401, 'REJECTED', 'auth'],
    [429, 'REJECTED', 'busy'],
    [404, 'REJECTED', 'refused'],
  ])('takes %i for a task that the site surely has not: %s, %s', async (status, state, rejection) => {
    await using open = await openActions()
    const { row, attempt } = await open.place()
    open.site.script.add('create', { do: 'answer', status })
    await open.actions.offer(attempt, row, open.lease, open.signal)
    expect(open.attemptOf(row.id)).toMatchObject({ state, end: { outcome: 'REJECTED', rejection } })
  })

  it('blames the person whose login has ended, and not the site, which others go on with', async () => {
    const asPerson = () => ({ fetch, auth: () => Promise.reject(new TokenFailure('person', 'no valid login')) })
    await using open = await openActions({ asPerson })
    const { row, attempt } = await open.place()
    await open.actions.offer(attempt, row, open.lease, open.signal)
    expect(open.attemptOf(row.id)).toMatchObject({ end: { outcome: 'REJECTED', rejection: 'refused', detail: 'no valid login' } })
    expect(open.site.requests).toEqual([])
    expect([open.ledger.status(NOW).health, open.contact.lastAnswerAt]).toEqual(['unknown', 0])
  })

  it.each([
    ['a 502 after the task was stored', { do: 'answer', status: 502, committed: true }],
    ['a connection that is cut after it', { do: 'hang-up', committed: true }],
    ['a 500 without it', { do: 'answer', status: 500 }],
  ] as const)('takes %s for a doubt, and sends it no second time', async (_, effect) => {
    await using open = await openActions()
    const { row, attempt } = await open.place()
    open.site.script.add('create', effect)
    await open.actions.offer(attempt, row, open.lease, open.signal)
    expect(open.attemptOf(row.id)).toMatchObject({ state: 'AMBIGUOUS', settleUntil: NOW + 1_000 })
    expect(open.site.requests).toHaveLength(1)
    expect(open.contact.lastAnswerAt).toBe(0)
  })
})

describe('the faults that are planted for the harness of kills', () => {
  it('write the intent only when the site has answered', async () => {
    await using open = await openActions({ faults: { intentAfterPost: true } })
    const { row, attempt } = await open.place()
    open.site.script.add('create', { do: 'hold' })
    const offered = open.actions.offer(attempt, row, open.lease, open.signal)
    await until('the site has the task', () => open.site.tasks.size === 1)
    expect(open.attemptOf(row.id).state).toBe('PLACED')
    open.site.script.release()
    await offered
    expect(open.attemptOf(row.id).state).toBe('ACCEPTED')
  })

  it('take a doubt for a task that was surely not sent', async () => {
    await using open = await openActions({ faults: { resendWithoutLooking: true } })
    const { row, attempt } = await open.place()
    open.site.script.add('create', { do: 'answer', status: 502, committed: true })
    await open.actions.offer(attempt, row, open.lease, open.signal)
    expect(open.attemptOf(row.id)).toMatchObject({ state: 'REJECTED', end: { rejection: 'unsent' } })
  })
})
