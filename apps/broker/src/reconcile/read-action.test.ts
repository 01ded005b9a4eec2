import { type Location, type LocationId, type OutputExpectation, plan } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { openActions } from '../../test/action-parts.ts'
import { SYSTEM } from '../auth/principal.ts'
import type { OutputMeasurer } from '../data/output-measurer.ts'
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
    expect(open.parts.store.getOutputs(SYSTEM, row.id, 0, 10)).toMatchObject([{ url: 'http://data.example.org/a.txt', path: '/a.txt' }])
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

describe('a task whose whole log cannot be read', () => {
  const NOTE = expect.stringMatching(/^The log of this task could not be read from its site \((it is too long|the site did not show it)/)

  it('ends by the shorter view where the log is too long or no task, and the site is not blamed for it', async () => {
    await using open = await openActions()
    const { row, attempt, id } = await open.send({ documentText: JSON.stringify(TASK) })
    open.site.setState(id, 'RUNNING')
    open.site.setState(id, 'COMPLETE')
    open.site.script.add('get', { do: 'answer', status: 200, body: { id: 'another' } })
    await open.actions.read(attempt, id, open.lease, open.signal)
    expect(open.rowOf(row.id).state).toBe('COMPLETE')
    const log = JSON.parse(open.parts.store.getDocument(SYSTEM, row.id)?.logText ?? '{}')
    expect(log).toMatchObject({ logs: [{ exit_code: 0 }], system_logs: [NOTE] })
    expect(open.parts.store.getOutputs(SYSTEM, row.id, 0, 10)).toMatchObject([{ url: 'http://data.example.org/a.txt' }])
    expect(open.ledger.may().get).toBe(true)
  })

  it('ends by the shorter view where a site shows no more in many tries', async () => {
    await using open = await openActions()
    const { row, attempt, id } = await open.send({ documentText: JSON.stringify(TASK) })
    open.site.setState(id, 'COMPLETE')
    for (let tries = 1; tries <= 7; tries++) {
      expect(open.rowOf(row.id).state).not.toBe('COMPLETE')
      open.site.script.add('get', { do: 'answer', status: 500 })
      await open.actions.read(attempt, id, open.lease, open.signal)
    }
    expect(open.rowOf(row.id).state).toBe('COMPLETE')
    expect(JSON.parse(open.parts.store.getDocument(SYSTEM, row.id)?.logText ?? '{}').system_logs).toEqual([NOTE])
  })

  it('goes on where the shorter view is not to be had either', async () => {
    await using open = await openActions()
    const { row, attempt, id } = await open.send()
    open.site.setState(id, 'COMPLETE')
    open.site.script.add('get', { do: 'answer', status: 200, body: 'an error page' }, { times: 2 })
    await open.actions.read(attempt, id, open.lease, open.signal)
    expect([open.rowOf(row.id).state, open.contact.reads.get(attempt.id)]).toEqual(['QUEUED', 1])
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

const OUT = 'http://data.example.org/a.txt'

/** Measures whatever it is asked to as one file of twelve bytes, and notes what it was asked. */
function measuring(asked: OutputExpectation[], during: () => Promise<void> = async () => undefined): OutputMeasurer {
  return {
    async measure(expected, _withinMs, signal) {
      asked.push(expected)
      await during()
      signal.throwIfAborted()
      return { outputs: [{ url: OUT, path: '/a.txt', bytes: 12, etag: '"1"' }], warnings: ['Output /b: there is nothing.'] }
    },
  }
}

const BY_PATH: TesTask = { ...TASK, outputs: [{ url: '/nfs/work/a.txt', path: '/a.txt' }] }

/** Serves the files of a shared work directory. */
function mapTo(to: string): Location {
  return {
    id: 'work' as LocationId,
    country: 'DE',
    kind: 's3',
    pathMaps: [{ from: '/nfs/work/', to }],
    prefixes: [{ url: 's3://work/', sensitivity: 'public', access: 'share', outputs: true }],
  }
}

describe('an end that leaves outputs', () => {
  const document = { documentText: JSON.stringify(TASK) }

  it('is written with what was measured, in one step, and nothing changes it afterwards', async () => {
    const asked: OutputExpectation[] = []
    await using open = await openActions({ measurer: measuring(asked), results: ['s3://b/lab/'] })
    const { row, attempt, id } = await open.send(document)
    open.site.setState(id, 'COMPLETE')
    await open.actions.read(attempt, id, open.lease, open.signal)
    const results = { below: ['s3://b/lab/'], own: row.id }
    expect(asked).toMatchObject([{ declared: TASK.outputs, complete: true, since: attempt.submittedAt, results }])
    expect(open.parts.store.getOutputs(SYSTEM, row.id, 0, 10)).toMatchObject([{ number: 0, url: OUT, sizeBytes: '12', etag: '"1"' }])
    const shown = open.parts.store.getDocument(SYSTEM, row.id)
    expect(JSON.parse(shown?.logText ?? '{}').outputs).toEqual([{ url: OUT, path: '/a.txt', size_bytes: '12' }])
    expect(shown?.notes).toEqual(['Output /b: there is nothing.'])
    await open.actions.read(open.attemptOf(row.id), id, open.lease, open.signal)
    expect(open.parts.store.getDocument(SYSTEM, row.id)).toEqual(shown)
  })

  it('is looked for where its paths led when it was sent, though their map leads elsewhere by now', async () => {
    const asked: OutputExpectation[] = []
    const locations = [mapTo('s3://work/old/')]
    await using open = await openActions({ measurer: measuring(asked), locations })
    const { attempt, id } = await open.send({ documentText: JSON.stringify(BY_PATH) })
    expect(open.site.tasks.get(id)?.document.outputs).toMatchObject([{ url: 's3://work/old/a.txt' }])
    locations.splice(0, 1, mapTo('s3://work/new/'))
    open.site.setState(id, 'COMPLETE')
    await open.actions.read(attempt, id, open.lease, open.signal)
    expect(asked.map(({ declared }) => declared)).toEqual([[{ url: 's3://work/old/a.txt', path: '/a.txt' }]])
  })

  it('is looked for where the maps of today lead if none were kept with the attempt', async () => {
    const asked: OutputExpectation[] = []
    await using open = await openActions({ measurer: measuring(asked), locations: [mapTo('s3://work/new/')] })
    const { attempt, id } = await open.send({ documentText: JSON.stringify(BY_PATH) })
    open.site.setState(id, 'COMPLETE')
    await open.actions.read({ ...attempt, pathMaps: undefined }, id, open.lease, open.signal)
    expect(asked.map(({ declared }) => declared)).toEqual([[{ url: 's3://work/new/a.txt', path: '/a.txt' }]])
  })

  it('is not shown while it is measured, and the site is not busy with it', async () => {
    const asked: OutputExpectation[] = []
    const seen: unknown[] = []
    await using open = await openActions({
      measurer: measuring(asked, async () => {
        const [only] = (await open.look()).attempts
        if (!only) throw new Error('there is no attempt')
        const view = await open.look()
        seen.push(open.rowOf(only.attempt.work).state, view.inFlight.size, view.measuring.size, plan(view).actions)
      }),
    })
    const { row, attempt, id } = await open.send(document)
    open.site.setState(id, 'COMPLETE')
    open.contact.inFlight.add(attempt.id)
    await open.actions.read(attempt, id, open.lease, open.signal)
    expect(seen.slice(0, 3)).toEqual(['QUEUED', 0, 1])
    expect(seen[3]).not.toContainEqual(expect.objectContaining({ attempt: attempt.id }))
    expect([open.contact.inFlight.has(attempt.id), open.contact.measuring.size]).toEqual([true, 0])
    expect(open.rowOf(row.id).state).toBe('COMPLETE')
  })

  it('is measured too where the tool has failed, and nothing need be there', async () => {
    const asked: OutputExpectation[] = []
    await using open = await openActions({ measurer: measuring(asked) })
    const { attempt, id } = await open.send(document)
    open.site.setState(id, 'EXECUTOR_ERROR')
    await open.actions.read(attempt, id, open.lease, open.signal)
    expect(asked).toMatchObject([{ complete: false }])
  })

  it('is measured by whoever has the site after a broker that stopped meanwhile', async () => {
    const asked: OutputExpectation[] = []
    const stopping = new AbortController()
    await using open = await openActions({
      measurer: measuring(asked, async () => {
        if (asked.length === 1) stopping.abort(new Error('stopped'))
      }),
    })
    const { row, attempt, id } = await open.send(document)
    open.site.setState(id, 'COMPLETE')
    await expect(open.actions.read(attempt, id, open.lease, stopping.signal)).rejects.toThrow('stopped')
    expect([open.rowOf(row.id).state, open.contact.measuring.size]).toEqual(['QUEUED', 0])
    await open.actions.read(attempt, id, open.lease, open.signal)
    expect(open.rowOf(row.id).state).toBe('COMPLETE')
    expect(open.parts.store.getOutputs(SYSTEM, row.id, 0, 10)).toHaveLength(1)
  })

  it('counts when the site has forgotten the task after showing it, for the store has not', async () => {
    const asked: OutputExpectation[] = []
    await using open = await openActions({ measurer: measuring(asked) })
    const { row, attempt, id } = await open.send(document)
    open.site.setState(id, 'COMPLETE')
    await open.actions.look(attempt, id, open.lease, open.signal)
    open.site.forget()
    await open.actions.read(open.attemptOf(row.id), id, open.lease, open.signal)
    expect([open.attemptOf(row.id).state, asked]).toEqual(['SUSPECT', []])
    await open.actions.look(open.attemptOf(row.id), id, open.lease, open.signal)
    expect(open.rowOf(row.id).state).toBe('COMPLETE')
    expect(open.parts.store.getOutputs(SYSTEM, row.id, 0, 10)).toMatchObject([{ url: OUT, sizeBytes: '12' }])
  })

  it('of a kind that leaves nothing asks no store, and keeps what the site reports below what was declared', async () => {
    const asked: OutputExpectation[] = []
    await using open = await openActions({ measurer: measuring(asked) })
    const { row, attempt, id } = await open.send(document)
    open.site.setState(id, 'SYSTEM_ERROR')
    for (let reads = 0; reads < 2; reads++) await open.actions.read(open.attemptOf(row.id), id, open.lease, open.signal)
    expect([open.attemptOf(attempt.work).state, asked]).toEqual(['TERMINAL', []])
    expect(
      open.parts.store
        .getOutputs(SYSTEM, row.id, 0, 10)
        .map(({ url }) => url)
        .filter(url => url !== OUT),
    ).toEqual([])
  })
})
