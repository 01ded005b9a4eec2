/**
 * A TES app for the tests of the router.
 */
import type { TesTaskFull } from '../src/index.ts'
import { createTesApp, type TesHandlers, type TesRouterOptions } from '../src/server/index.ts'

export const BASE = '/ga4gh/tes/v1'
export const EXECUTOR = { image: 'alpine:3', command: ['true'] }
export const FULL: TesTaskFull = {
  id: 't1',
  state: 'COMPLETE',
  inputs: [{ path: '/a', content: 'secret' }],
  executors: [{ ...EXECUTOR, stdout: '/out' }],
  logs: [{ logs: [{ exit_code: 0, stdout: 'text', stderr: 'text' }], outputs: [], system_logs: ['line'] }],
}

/** A server whose handlers keep what they were given. */
export function serve(change: Partial<TesHandlers> = {}, options: TesRouterOptions = {}) {
  const given: unknown[] = []
  const keep = <T>(value: T): T => {
    given.push(value)
    return value
  }
  const app = createTesApp(
    {
      getServiceInfo: () => ({
        id: 'org.test',
        name: 'test',
        type: { group: 'org.ga4gh', artifact: 'tes', version: '1.1.0' },
        organization: { name: 'test', url: 'https://example.org' },
        version: '1',
      }),
      listTasks: (_call, query) => {
        keep(query)
        return { tasks: [FULL], nextPageToken: 'next' }
      },
      createTask: (_call, task) => {
        keep(task)
        return { id: 'new' }
      },
      getTask: (_call, args) => (keep(args).id === 't1' ? FULL : undefined),
      cancelTask: async (_call, args) => (keep(args).id === 't1' ? {} : undefined),
      ...change,
    },
    options,
  )
  return { app, given }
}
