import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dropNulls, readCreated, readMinimal, readServiceInfo, readTask, readTaskList, TesState } from './index.ts'

describe('readTask', () => {
  it('reads the fullest task unchanged', () => {
    const full = {
      id: 'a',
      state: 'COMPLETE',
      name: 'n',
      inputs: [{ path: '/a', url: 's3://b/c', type: 'FILE' }],
      outputs: [{ path: '/o', url: 's3://b/o', type: 'DIRECTORY', path_prefix: '/o' }],
      resources: { cpu_cores: 2, ram_gb: 0.5 },
      executors: [{ image: 'i', command: ['c', ''], env: { A: '' }, ignore_error: false }],
      volumes: ['/v'],
      tags: { a: '' },
      logs: [
        {
          logs: [{ exit_code: 0, stdout: '' }],
          outputs: [{ url: 'u', path: 'p', size_bytes: '7' }],
          metadata: { a: 'b' },
          system_logs: ['x'],
        },
      ],
      creation_time: '2026-01-01T00:00:00Z',
    }
    expect(readTask(full)).toEqual(full)
  })

  it.each([
    ['a minimal answer', { id: 'a', state: 'QUEUED' }, { id: 'a', state: 'QUEUED', executors: [] }],
    ['a number as id', { id: 7, state: 'RUNNING' }, { id: '7', state: 'RUNNING', executors: [] }],
    ['a state of the future', { id: 'a', state: 'DREAMING' }, { id: 'a', state: 'UNKNOWN', executors: [] }],
    ['no state', { id: 'a' }, { id: 'a', state: 'UNKNOWN', executors: [] }],
    ['a state in lower case', { id: 'a', state: 'running' }, { id: 'a', state: 'RUNNING', executors: [] }],
    [
      "Funnel's empty fields",
      { id: 'a', state: 'COMPLETE', creation_time: '', executors: [], logs: [], resources: null, tags: {}, volumes: [] },
      { id: 'a', state: 'COMPLETE', creation_time: '', executors: [], logs: [], tags: {}, volumes: [] },
    ],
    [
      "TES-K's log of a running executor, without exit code and outputs",
      { id: 'a', state: 'RUNNING', logs: [{ logs: [{ start_time: 't' }], metadata: { USER_ID: 'x' } }] },
      { id: 'a', state: 'RUNNING', executors: [], logs: [{ logs: [{ start_time: 't' }], outputs: [], metadata: { USER_ID: 'x' } }] },
    ],
    [
      'sizes as numbers and exit codes as text',
      { id: 'a', state: 'COMPLETE', logs: [{ logs: [{ exit_code: '3' }], outputs: [{ url: 'u', path: 'p', size_bytes: 12 }] }] },
      {
        id: 'a',
        state: 'COMPLETE',
        executors: [],
        logs: [{ logs: [{ exit_code: 3 }], outputs: [{ url: 'u', path: 'p', size_bytes: '12' }] }],
      },
    ],
    [
      'unknown keys, nulls in maps and broken entries',
      { id: 'a', state: 'RUNNING', foo: 1, tags: { a: null, b: 2, c: {} }, logs: [null, 'x'], inputs: [{ path: '/a', type: 'LINK' }] },
      { id: 'a', state: 'RUNNING', executors: [], tags: { b: '2' }, logs: [], inputs: [{ path: '/a' }] },
    ],
  ])('reads %s', (_sentence, given, expected) => {
    expect(readTask(given)).toEqual(expected)
  })

  it.each([[null], [''], [[]], [{}], [{ id: null }], [{ id: '' }], [{ id: {} }]])('takes %j for no task', value => {
    expect([readTask(value), readMinimal(value), readCreated(value)]).toEqual([undefined, undefined, undefined])
  })

  it('never throws and never gives a null or an unknown state, whatever JSON comes', () => {
    const keys = fc.constantFrom(
      'id',
      'state',
      'logs',
      'inputs',
      'outputs',
      'executors',
      'tags',
      'resources',
      'exit_code',
      'tasks',
      'next_page_token',
      'x',
    )
    const { json } = fc.letrec(tie => ({
      json: fc.oneof(
        { maxDepth: 5 },
        fc.constant(null),
        fc.string(),
        fc.double(),
        fc.boolean(),
        fc.array(tie('json')),
        fc.dictionary(keys, tie('json')),
      ),
    }))
    fc.assert(
      fc.property(json, value => {
        const task = readTask(value)
        const page = readTaskList(value, readTask)
        readServiceInfo(value)
        for (const read of [task, ...(page?.tasks ?? [])]) {
          if (read === undefined) continue
          expect(JSON.stringify(read)).not.toContain(':null')
          expect(TesState.safeParse(read.state).success).toBe(true)
          expect(read.id).not.toBe('')
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('readTaskList', () => {
  const A = { id: 'a', state: 'QUEUED' }
  it.each([
    ['no token', { tasks: [A] }, undefined],
    ['a null token', { tasks: [A], next_page_token: null }, undefined],
    ['an empty token', { tasks: [A], next_page_token: '' }, undefined],
    ['a token', { tasks: [A], next_page_token: 't' }, 't'],
    ['a number as token', { tasks: [A], next_page_token: 5 }, '5'],
  ])('reads a page with %s', (_sentence, given, nextPageToken) => {
    expect(readTaskList(given, readMinimal)).toEqual({ tasks: [A], unreadable: 0, ...(nextPageToken && { nextPageToken }) })
  })

  it('counts the entries that are no tasks', () => {
    expect(readTaskList({ tasks: [A, {}, null, 'x'] }, readMinimal)).toEqual({ tasks: [A], unreadable: 3 })
  })

  it('takes an empty object for an empty list, and an error body for none', () => {
    expect(readTaskList({}, readMinimal)).toEqual({ tasks: [], unreadable: 0 })
    expect(readTaskList({ tasks: null }, readMinimal)).toEqual({ tasks: [], unreadable: 0 })
    expect(readTaskList({ error: 'down' }, readMinimal)).toBeUndefined()
    expect(readTaskList([], readMinimal)).toBeUndefined()
    expect(readTaskList({ tasks: 'x' }, readMinimal)).toBeUndefined()
  })
})

describe('dropNulls', () => {
  it('drops keys, not entries of lists', () => {
    expect(dropNulls({ a: null, b: [null, { c: null, d: 1 }], e: { f: undefined } })).toEqual({ b: [null, { d: 1 }], e: {} })
  })

  it('gives back the very same value if there is nothing to drop', () => {
    const value = { a: [1, { b: '' }], c: {} }
    expect(dropNulls(value)).toBe(value)
  })

  it('leaves no null key, changes nothing else, and can be repeated', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), value => {
        const dropped = dropNulls(value)
        const expected: unknown = JSON.parse(JSON.stringify(value), (_key, entry: unknown) =>
          typeof entry === 'object' && entry !== null && !Array.isArray(entry)
            ? Object.fromEntries(Object.entries(entry).filter(([, inner]) => inner !== null))
            : entry,
        )
        expect(JSON.stringify(dropped)).toBe(JSON.stringify(expected))
        expect(dropNulls(dropped)).toBe(dropped)
      }),
    )
  })

  it('bears a value that is nested very deep', () => {
    const deep: unknown = JSON.parse(`${'[{"a":'.repeat(5_000)}null${'}]'.repeat(5_000)}`)
    expect(() => dropNulls(deep)).not.toThrow()
  })
})
