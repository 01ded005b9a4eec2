/**
 * How four kinds of TES server differ, as they were seen to behave: a good TES 1.1 server, TES-K, Funnel, and one that answers with
 * everything a client should survive.
 */
import { type TesState, type TesTask, type TesTaskFull, type TesView, toBasic, TesView as Views } from '../index.ts'

export type PersonalityName = 'tes-1.1' | 'tesk' | 'funnel' | 'hostile'

export interface Personality {
  /** States of a task from its creation on, unless a test gives others. */
  readonly steps: readonly TesState[]
  readonly idPrefix: string
  /** Are name_prefix, state and tags honoured? */
  readonly filters: boolean
  /** Keys of a task that make it a 400; undefined if unknown keys are ignored. */
  readonly refusesKeys: ((task: Record<string, unknown>) => string | undefined) | undefined
  /** Status of a cancel of a task that has ended. */
  readonly cancelEnded: number
  /** Status of a list with a page token that the site never gave; with 200 the list is empty. */
  readonly strangeToken: number
  /** The body of a cancel. */
  readonly cancelBody: string
  /** What an unknown view means; undefined for an error. */
  readonly unknownView: TesView | undefined
  show(task: TesTaskFull, view: TesView): unknown
  page(tasks: unknown[], nextPageToken: string | undefined): unknown
  error(status: number, message: string, path: string): unknown
}

const PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  500: 'Internal Server Error',
}

function showStandard(task: TesTaskFull, view: TesView): unknown {
  if (view === 'MINIMAL') return { id: task.id, state: task.state }
  return view === 'BASIC' ? toBasic(task) : task
}

const standard: Personality = {
  steps: ['QUEUED', 'INITIALIZING', 'RUNNING', 'COMPLETE'],
  idPrefix: 'task',
  filters: true,
  refusesKeys: undefined,
  cancelEnded: 200,
  strangeToken: 400,
  cancelBody: '{}',
  unknownView: undefined,
  show: showStandard,
  page: (tasks, nextPageToken) => ({ tasks, ...(nextPageToken !== undefined && { next_page_token: nextPageToken }) }),
  error: (status, message) => ({ msg: message, status_code: status }),
}

const KNOWN_KEYS = new Set([
  'id',
  'state',
  'name',
  'description',
  'inputs',
  'outputs',
  'resources',
  'executors',
  'volumes',
  'tags',
  'logs',
  'creation_time',
])

function unknownKey(task: Record<string, unknown>): string | undefined {
  return Object.keys(task).find(key => !KNOWN_KEYS.has(key))
}

/** TES 1.0 as TES-K speaks it: keys of 1.1 are refused too. */
function keyUnknownToTesk(task: Record<string, unknown>): string | undefined {
  const below = [task.inputs, task.outputs, task.executors].flatMap(list => (Array.isArray(list) ? list : []))
  const later = below.flatMap(entry => Object.keys(Object(entry))).find(key => ['streamable', 'path_prefix', 'ignore_error'].includes(key))
  return unknownKey(task) ?? later
}

const tesk: Personality = {
  ...standard,
  // The first state is the one that a task shows before its pod exists; with several executors RUNNING goes back to QUEUED.
  steps: ['SYSTEM_ERROR', 'QUEUED', 'INITIALIZING', 'RUNNING', 'QUEUED', 'RUNNING', 'COMPLETE'],
  filters: false,
  refusesKeys: keyUnknownToTesk,
  cancelEnded: 400,
  strangeToken: 500,
  cancelBody: '',
  unknownView: 'MINIMAL',
  show(task, view) {
    if (view === 'MINIMAL') return showStandard(task, view)
    const metadata = { USER_ID: 'anonymousUser' }
    const logs = (task.logs ?? []).map(({ outputs: _, system_logs, logs: executors, ...log }) => ({
      ...log,
      metadata,
      logs: executors.map(({ stderr: _err, ...executor }) => ({ ...executor, stdout: view === 'FULL' ? executor.stdout : '' })),
      ...(view === 'FULL' && system_logs && { system_logs: [system_logs.join('\n')] }),
    }))
    const shown = view === 'FULL' ? task : toBasic(task)
    return { ...shown, logs: logs.length > 0 ? logs : [{ logs: [], metadata }] }
  },
  error: (status, message, path) => ({
    timestamp: '2026-01-01T00:00:00.000+00:00',
    status,
    error: PHRASES[status] ?? 'Error',
    ...(status === 400 && path.endsWith('/tasks') ? { messages: [message] } : { message }),
    path,
  }),
}

const funnel: Personality = {
  ...standard,
  idPrefix: 'd0',
  strangeToken: 200,
  refusesKeys: unknownKey,
  show(task, view) {
    const empty = {
      name: '',
      description: '',
      inputs: [],
      outputs: [],
      resources: null,
      executors: [],
      volumes: [],
      tags: {},
      logs: [],
      creation_time: '',
    }
    if (view === 'MINIMAL') return { ...empty, id: task.id, state: task.state }
    const shown = view === 'FULL' ? task : toBasic(task)
    // A running executor already shows exit code 0, with an empty end.
    const running = shown.executors.map(() => ({ start_time: '', end_time: '', exit_code: 0 }))
    const logs = (shown.logs ?? []).map(log => (log.end_time ? log : { ...log, logs: running, end_time: '', metadata: { hostname: 'vm' } }))
    return { ...empty, ...shown, logs }
  },
  page: (tasks, nextPageToken) => ({ tasks, next_page_token: nextPageToken ?? '' }),
  error: (_status, message) => ({ error: message }),
}

const hostile: Personality = {
  ...standard,
  steps: ['UNKNOWN', 'RUNNING', 'QUEUED', 'PAUSED', 'RUNNING', 'CANCELING', 'COMPLETE'],
  filters: false,
  cancelBody: '<html>done</html>',
  unknownView: 'FULL',
  show(task, view) {
    const shown = { ...Object(showStandard(task, view)), state: task.state === 'PAUSED' ? 'DREAMING' : task.state.toLowerCase() }
    const logs = (task.logs ?? []).map(log => ({
      ...log,
      outputs: log.outputs.map(output => ({ ...output, size_bytes: 3_000_000_000 })),
      logs: log.logs.map(({ exit_code, ...executor }) => ({ ...executor, exit_code: String(exit_code), extra: {} })),
      system_logs: 'one line',
    }))
    return view === 'MINIMAL'
      ? { ...shown, extra: null, tags: null }
      : { ...shown, logs: [null, ...logs], inputs: null, resources: 'none', extra: [1] }
  },
  page: (tasks, nextPageToken) => ({ tasks: [null, {}, ...tasks, 'x'], next_page_token: nextPageToken ?? null, total: -1 }),
  error: (status, message) => `<html><h1>${status}</h1>${message}</html>`,
}

export const PERSONALITIES: Readonly<Record<PersonalityName, Personality>> = { 'tes-1.1': standard, tesk, funnel, hostile }

/** The view that was asked for, or undefined for an error. */
export function viewOf(value: string | null, personality: Personality): TesView | undefined {
  if (!value) return 'MINIMAL'
  const view = Views.safeParse(value)
  return view.success ? view.data : personality.unknownView
}

export type Steps = (task: TesTask) => readonly TesState[]
