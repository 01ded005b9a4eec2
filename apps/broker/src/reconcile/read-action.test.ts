import type { TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { openActions } from '../../test/action-parts.ts'
import { SYSTEM } from '../auth/principal.ts'
import { NOW } from '../stores/contract/builders.ts'

const TASK: TesTask = {
  executors: [{ image: 'alpine', command: ['true'] }],
  outputs: [{ url: 'http://data.example.org/a.txt', path: '/a.txt' }],
}

describe('reading a task in full', () => {
  it('ends the work item with the log and the outputs of the site', async () => {
    await using open = await openActions()
    const { row, attempt, id } = await open.send({ documentText: JSON.stringify(TASK) })
    open.site.setState(id, 'RUNNING')
    open.site.setState(id, 'COMPLETE')
    open.contact.reads.set(attempt.id, 2)
    await open.actions.look(attempt, id, open.lease, open.signal)
    expect(open.rowOf(row.id).state).not.toBe('COMPLETE')
    expect(await open.actions.read(attempt, id, open.lease, open.signal)).toBe('done')
    expect(open.attemptOf(row.id)).toMatchObject({ state: 'TERMINAL', end: { outcome: 'COMPLETE', detail: 'Ended as COMPLETE' } })
    expect(open.rowOf(row.id).state).toBe('COMPLETE')
    const log = JSON.parse(open.parts.store.getDocument(SYSTEM, row.id)?.logText ?? '{}')
    expect(log).toMatchObject({ logs: [{ exit_code: 0 }], system_logs: ['Ended as COMPLETE'] })
    expect(open.parts.store.getOutputs(SYSTEM, row.id)).toMatchObject([{ url: 'http://data.example.org/a.txt', path: '/a.txt' }])
    expect(open.contact.reads.has(attempt.id)).toBe(false)
  })

  it('counts the tries that failed, and forgets them with the first that did not', async () => {
    await using open = await openActions()
    const { row, attempt, id } = await open.send()
    open.site.script.add('get', { do: 'answer', status: 503 }, { times: 2 })
    for (let tries = 1; tries <= 2; tries++) {
      await open.actions.read(attempt, id, open.lease, open.signal)
      expect(open.contact.reads.get(attempt.id)).toBe(tries)
    }
    expect(open.attemptOf(row.id).state).toBe('ACCEPTED')
    open.site.setState(id, 'RUNNING')
    await open.actions.read(attempt, id, open.lease, open.signal)
    expect(open.contact.reads.has(attempt.id)).toBe(false)
    expect(open.rowOf(row.id).state).toBe('RUNNING')
  })
})

describe('looking at one task', () => {
  it('takes a 404 for a first doubt', async () => {
    await using open = await openActions()
    const { row, attempt, id } = await open.send()
    open.site.forget()
    open.parts.at += 10
    await open.actions.look(attempt, id, open.lease, open.signal)
    expect(open.attemptOf(row.id).state).toBe('SUSPECT')
    expect(open.contact.askedAt.get(attempt.id)).toBe(NOW + 10)
    expect(open.contact.lastAnswerAt).toBe(NOW + 10)
  })

  it('takes silence for nothing', async () => {
    await using open = await openActions()
    const { row, attempt, id } = await open.send()
    open.site.script.add('get', { do: 'hang-up' })
    open.parts.at += 10
    expect(await open.actions.look(attempt, id, open.lease, open.signal)).toBe('done')
    expect(open.attemptOf(row.id)).toEqual(attempt)
    expect(open.contact.lastAnswerAt).toBe(NOW)
  })
})
