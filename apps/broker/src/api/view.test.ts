import type { AttemptId, ProjectId, SiteId, WorkId } from '@portolan/federation'
import { TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import type { WorkDocument } from '../stores/store.ts'
import { basicText, fullText, minimalText } from './view.ts'

const submitted: TesTask = {
  name: 'count',
  tags: { portolan_site: 'charite', run: '7' },
  inputs: [
    { url: 's3://bucket/a', path: '/data/a' },
    { content: 'echo secret', path: '/run.sh', type: 'FILE' },
  ],
  outputs: [{ url: 's3://bucket/out', path: '/out' }],
  executors: [{ image: 'alpine', command: ['sh', '/run.sh'], stdout: '/out/stdout' }],
}

const siteLog = {
  logs: [{ exit_code: 0, stdout: 'hello', stderr: 'warning', start_time: '2026-01-01T00:00:01Z' }],
  outputs: [{ url: 's3://bucket/out', path: '/out', size_bytes: '12' }],
  metadata: { host: 'node7' },
  start_time: '2026-01-01T00:00:00Z',
  end_time: '2026-01-01T00:00:09Z',
  system_logs: ['site: staged'],
}

function documentOf(over: Partial<WorkDocument>): WorkDocument {
  return {
    id: '01JZZZZZZZZZZZZZZZZZZZZZZZ' as WorkId,
    kind: 'task',
    owner: { issuer: 'local', subject: 'local' },
    project: 'local' as ProjectId,
    name: 'count',
    tags: {},
    state: 'QUEUED',
    version: 1,
    createdAt: Date.UTC(2026, 0, 1),
    rerunnable: false,
    documentText: JSON.stringify(submitted),
    notes: [],
    ...over,
  }
}

const attempted = documentOf({
  state: 'COMPLETE',
  countsAttempt: 'a2' as AttemptId,
  countsSite: 'charite' as SiteId,
  notes: ['attempt 1 at surf: refused'],
  logText: JSON.stringify(siteLog),
})
const facts = { siteName: 'Charité SPE', attemptNumber: 2, why: 'charite: 12 MB are there' }

describe('the views of a task', () => {
  it('MINIMAL is exactly id and state', () => {
    expect(JSON.parse(minimalText(attempted))).toEqual({ id: attempted.id, state: 'COMPLETE' })
  })

  it('a waiting task without anything to say has no logs', () => {
    expect(JSON.parse(fullText(documentOf({}), {}))).toEqual({
      ...submitted,
      id: attempted.id,
      state: 'QUEUED',
      creation_time: '2026-01-01T00:00:00.000Z',
    })
  })

  it('a task that never had an attempt says why in one entry', () => {
    const view = JSON.parse(fullText(documentOf({ state: 'SYSTEM_ERROR', notes: ['charite: RESIDENCY'] }), {}))
    expect(view.logs).toEqual([{ logs: [], outputs: [], system_logs: ['charite: RESIDENCY'] }])
  })

  it('FULL shows the log of the attempt that counts, with our metadata and our lines first', () => {
    const view = JSON.parse(fullText(attempted, facts))
    expect(view.logs).toEqual([
      {
        ...siteLog,
        metadata: {
          host: 'node7',
          'portolan.site': 'charite',
          'portolan.siteName': 'Charité SPE',
          'portolan.attempt': '2',
          'portolan.why': 'charite: 12 MB are there',
        },
        system_logs: ['attempt 1 at surf: refused', 'site: staged'],
      },
    ])
    expect(view.tags).toEqual(submitted.tags)
    expect(TesTask.parse(view)).toEqual(view)
  })

  it('BASIC leaves out inline content, log texts and system logs, and keeps paths, exit codes and metadata', () => {
    const text = basicText(attempted, facts)
    const view = JSON.parse(text)
    expect(text).not.toMatch(/echo secret|hello|warning|staged|refused|null/)
    expect(view.inputs[1]).toEqual({ path: '/run.sh', type: 'FILE' })
    expect(view.executors).toEqual(submitted.executors)
    expect(view.logs[0].logs).toEqual([{ exit_code: 0, start_time: '2026-01-01T00:00:01Z' }])
    expect(view.logs[0].metadata['portolan.site']).toBe('charite')
    expect(view.logs[0].outputs).toEqual(siteLog.outputs)
  })

  it('an attempt that runs shows its site before the site has a log', () => {
    const running = documentOf({ state: 'RUNNING', countsAttempt: 'a1' as AttemptId, countsSite: 'surf' as SiteId })
    expect(JSON.parse(fullText(running, { attemptNumber: 1 })).logs).toEqual([
      { logs: [], outputs: [], metadata: { 'portolan.site': 'surf', 'portolan.attempt': '1' } },
    ])
  })

  it.each([
    ['MINIMAL', minimalText(attempted)],
    ['BASIC', basicText(attempted, {})],
    ['FULL', fullText(attempted, {})],
  ])('%s has no null and no key of our own', (_, text) => {
    expect(text).not.toContain('null')
    expect(TesTask.safeParse(JSON.parse(text)).data ?? JSON.parse(text)).toEqual(JSON.parse(text))
  })
})
