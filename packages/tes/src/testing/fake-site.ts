/**
 * A TES server for tests: real HTTP on a free port of 127.0.0.1, tasks that move on when they are looked at (or when the test says so),
 * and a script of what goes wrong. It runs nothing.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { TesState, TesTask } from '../index.ts'
import { createDoor } from './door.ts'
import type { FakeRequest } from './exchange.ts'
import { createFakeTask, type FakeTask, stepOn } from './fake-task.ts'
import type { Quirks } from './operations.ts'
import { PERSONALITIES, type PersonalityName, type Steps } from './personality.ts'
import { Script } from './script.ts'

export interface FakeSiteOptions {
  /** Default `tes-1.1`. */
  readonly personality?: PersonalityName | undefined
  /** The present in milliseconds. Default `Date.now`. */
  readonly clock?: (() => number) | undefined
  /** Asked of every request as bearer token, service-info excepted. Without it the site is open. */
  readonly token?: string | undefined
  readonly script?: Script | undefined
  /** `observe`: each answer that shows a task moves it one step on. `manual`: only `advance` does. Default `observe`. */
  readonly progress?: 'observe' | 'manual' | undefined
  /** The states of a new task, first to last. Default: the personality's. */
  readonly steps?: Steps | undefined
}

export interface FakeSite extends AsyncDisposable {
  /** The base URL for a client. */
  readonly url: string
  readonly tasks: ReadonlyMap<string, FakeTask>
  /** Every request, oldest first. */
  readonly requests: readonly FakeRequest[]
  readonly script: Script
  readonly quirks: Quirks
  /** Moves every task so many steps on. */
  advance(steps?: number): void
  /** Puts a task into a state, and what comes after. */
  setState(id: string, ...states: readonly [TesState, ...TesState[]]): void
  /** Loses these tasks, or all of them. */
  forget(...ids: readonly string[]): void
  /** Adds tasks that ended long ago. */
  addOldTasks(count: number): void
}

const OLD_TASK: TesTask = { executors: [{ image: 'alpine', command: ['true'] }] }
const A_YEAR_MS = 365 * 24 * 3_600_000

export async function createFakeSite(options: FakeSiteOptions = {}): Promise<FakeSite> {
  const personality = PERSONALITIES[options.personality ?? 'tes-1.1']
  const clock = options.clock ?? Date.now
  const script = options.script ?? new Script()
  const tasks = new Map<string, FakeTask>()
  const requests: FakeRequest[] = []
  const quirks: Quirks = { clockSkewMs: 0, repeatsAcrossPages: false, tokensExpired: false, runsOnAfterCancel: false, nextIds: [] }

  let count = 0
  const nextId = () => quirks.nextIds.shift() ?? `${personality.idPrefix}-${(++count).toString(16).padStart(8, '0')}`
  const stepsOf: Steps = options.steps ?? (() => personality.steps)

  const server = createServer(
    createDoor({
      personality,
      clock,
      script,
      tasks,
      requests,
      quirks,
      nextId,
      stepsOf,
      token: options.token,
      observes: options.progress !== 'manual',
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The fake site has no port')

  return {
    url: `http://127.0.0.1:${address.port}/ga4gh/tes/v1`,
    tasks,
    requests,
    script,
    quirks,
    advance(steps = 1) {
      for (let step = 0; step < steps; step++) for (const task of tasks.values()) stepOn(task, clock())
    },
    setState(id, ...states) {
      const task = tasks.get(id)
      if (!task) throw new Error(`The fake site has no task ${id}`)
      task.steps.splice(0, task.steps.length, ...states)
      stepOn(task, clock())
    },
    forget(...ids) {
      for (const id of ids.length > 0 ? ids : [...tasks.keys()]) tasks.delete(id)
    },
    addOldTasks(added) {
      for (let index = 0; index < added; index++) {
        const task = createFakeTask(nextId(), OLD_TASK, ['RUNNING', 'COMPLETE'], clock() - A_YEAR_MS)
        task.startedAt = task.createdAt
        stepOn(task, task.createdAt)
        tasks.set(task.id, task)
      }
    },
    async [Symbol.asyncDispose]() {
      script.release()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
