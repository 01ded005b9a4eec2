import type { LocationId, StagingPlan } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { until } from '../../../../test/harness/until.ts'
import { openActions } from '../../test/action-parts.ts'
import { SYSTEM } from '../auth/principal.ts'
import type { Links, StagedAnswer } from '../data/links.ts'
import type { StoreFailure } from '../data/object-store.ts'
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

const LINK = 'https://s3.example.org/b/reads.bam?X-Amz-Signature=0123456789abcdef'
const LINKED: StagingPlan = {
  forms: [{ kind: 'link', url: 's3://b/reads.bam', location: 'b' as LocationId }],
  wishes: [{ path: '/in', url: 's3://b/reads.bam', location: 'b' as LocationId, directory: false, lifeMs: 1000 }],
  looks: [],
}
const READS = {
  documentText: JSON.stringify({
    inputs: [{ path: '/in', url: 's3://b/reads.bam' }],
    executors: [{ image: 'alpine', command: ['true'] }],
  }),
}
const stageAs =
  (...answers: readonly StagedAnswer[]): Links['stage'] =>
  async () =>
    answers
const staged: StagedAnswer = { outcome: 'staged', input: { path: '/in', files: [{ path: '/in', url: LINK }] } }
const unstaged = (kind: StoreFailure['kind']): StagedAnswer => ({ outcome: 'failed', path: '/in', failure: { kind, detail: 'no answer' } })

describe('offering a task whose inputs the site reads by links', () => {
  it('sends the links, and keeps none of them', async () => {
    await using open = await openActions({ staging: LINKED, stage: stageAs(staged) })
    const { row } = await open.send(READS)
    const [sent] = open.site.tasks.values()
    expect(sent?.document.inputs).toEqual([{ path: '/in', url: LINK, type: 'FILE' }])
    const kept = [open.parts.store.getDocument(SYSTEM, row.id), open.parts.store.getEvents(SYSTEM, row.id), open.attemptOf(row.id)]
    expect(JSON.stringify(kept)).not.toContain('Signature')
  })

  it('T10 shows no link that the site gives back, in a refusal or in a log', async () => {
    await using open = await openActions({ staging: LINKED, stage: stageAs(staged) })
    const { row, attempt } = await open.place({}, READS)
    open.site.script.add('create', { do: 'answer', status: 400, body: JSON.stringify({ msg: `cannot read ${LINK}` }) })
    await open.actions.offer(attempt, row, open.lease, open.signal)
    const { detail } = open.attemptOf(row.id).end ?? {}
    expect(detail).toContain('cannot read https://s3.example.org/b/reads.bam?[hidden]')
    expect(detail).not.toContain('0123456789abcdef')
  })

  it('says in a line of the task until when an address can be read that ends soon, and not which', async () => {
    await using open = await openActions({ staging: LINKED, stage: stageAs({ ...staged, foreign: true, endsAt: NOW + 27 * 60_000 }) })
    const { row } = await open.send(READS)
    const { notes } = open.parts.store.getDocument(SYSTEM, row.id) ?? {}
    expect(notes).toEqual([expect.stringMatching(/ends at 2025-10-09T09:20:20Z, 27 min after it was sent/)])
    expect(notes?.join('')).not.toContain('example.org')
  })

  it('writes no intent before the links are there, and asks the site nothing where they cannot be made', async () => {
    await using open = await openActions({ staging: LINKED, stage: stageAs(unstaged('unreachable')) })
    const { row, attempt } = await open.place({}, READS)
    expect(await open.actions.offer(attempt, row, open.lease, open.signal)).toBe('done')
    expect(open.site.requests).toEqual([])
    expect(open.attemptOf(row.id).end).toEqual({ outcome: 'UNSENT', detail: 'No link could be made for inputs: /in: no answer' })
    expect(open.postponed).toEqual([[row.id, 20_000]])
    expect(open.ledger.status(NOW)).toMatchObject({ health: 'unknown', submitBreakerOpen: false, failuresMilli: 0 })
    expect(open.observed).toEqual([])
  })

  it('ends the task at the third try where that would be the same for ever', async () => {
    await using open = await openActions({ staging: LINKED, stage: stageAs(unstaged('unsupported')) })
    const { row, attempt } = await open.place({ number: 3 }, READS)
    await open.actions.offer(attempt, row, open.lease, open.signal)
    expect(open.site.requests).toEqual([])
    expect(open.attemptOf(row.id).end).toMatchObject({ outcome: 'REJECTED', rejection: 'document' })
    expect(open.postponed).toEqual([])
  })

  it('sends no document that is too large with its links', async () => {
    const files = Array.from({ length: 300 }, (_, at) => ({ path: `/in/${at}`, url: `${LINK}${'0'.repeat(1000)}` }))
    await using open = await openActions({ staging: LINKED, stage: stageAs({ outcome: 'staged', input: { path: '/in', files } }) })
    const { row, attempt } = await open.place({}, READS)
    await open.actions.offer(attempt, row, open.lease, open.signal)
    expect(open.site.requests).toEqual([])
    expect(open.attemptOf(row.id).end?.detail).toMatch(/^The document has \d{6} bytes with its links; .* accepts 262144$/)
  })

  it('sends no document in which a file lies where a folder has to be', async () => {
    const files = ['/in/x', '/in/x/y'].map(path => ({ path, url: LINK }))
    await using open = await openActions({ staging: LINKED, stage: stageAs({ outcome: 'staged', input: { path: '/in', files } }) })
    const { row, attempt } = await open.place({ number: 3 }, READS)
    await open.actions.offer(attempt, row, open.lease, open.signal)
    expect(open.site.requests).toEqual([])
    expect(open.attemptOf(row.id).end).toMatchObject({ rejection: 'document', detail: expect.stringContaining('/in/x would be a file') })
  })
})
