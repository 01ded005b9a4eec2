/**
 * Follows the demo's tasks through the broker's own endpoint, each as whoever submitted it, and tells of every change.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Decision } from '@portolan/federation'
import { isTerminal, type TesState, type TesTask } from '@portolan/tes'
import * as z from 'zod'
import { AskRefused, type Caller } from './caller.ts'
import { ACTORS, type Actor } from './people.ts'
import { DATA_FOLDER, type DemoTask } from './tasks.ts'

const POLL_MS = 200
const NOT_FOUND = 404

const Attempts = z.object({ attempts: z.array(z.object({ number: z.number(), site: z.string(), state: z.string() })) })
export type AttemptView = z.infer<typeof Attempts>['attempts'][number]

export interface Watched {
  readonly id: string
  readonly name: string
  readonly actor: Actor
  readonly submittedAt: number
  state: TesState
  endedAt: number | undefined
  attempts: readonly AttemptView[]
}

export interface Watch {
  readonly tasks: ReadonlyMap<string, Watched>
  add(task: DemoTask, id: string): void
  /** Polls until the condition holds. Rejects, and says what was waited for, when the demo is told to stop. */
  until(what: string, condition: (tasks: ReadonlyMap<string, Watched>) => boolean): Promise<void>
  decision(name: string): Promise<Decision>
  /** Polls until the broker has considered the task once, whatever came of it. */
  untilDecided(name: string): Promise<void>
  /** Where a task would go that is not submitted. Asks until the broker knows the sizes of all files that it reads. */
  preview(actor: Actor, task: TesTask): Promise<Decision>
}

export function watchTasks(callers: Readonly<Record<Actor, Caller>>, step: (text: string) => void, signal: AbortSignal): Watch {
  const tasks = new Map<string, Watched>()

  async function look(): Promise<void> {
    await Promise.all(ACTORS.map(lookAs))
  }

  async function lookAs(actor: Actor): Promise<void> {
    const { client, ask } = callers[actor]
    const byId = new Map([...tasks.values()].filter(task => task.actor === actor).map(task => [task.id, task]))
    if (byId.size === 0) return
    for await (const { id, state } of client.listTasks({ view: 'MINIMAL', signal })) {
      const task = byId.get(id)
      if (!task || task.endedAt !== undefined) continue
      const { attempts } = Attempts.parse(await ask(`tasks/${id}/attempts`))
      if (state === task.state && attempts.length === task.attempts.length) continue
      task.state = state
      task.attempts = attempts
      if (isTerminal(state)) task.endedAt = Date.now()
      step(sayState(task))
    }
  }

  async function decision(name: string): Promise<Decision> {
    // The broker's own contract; a test holds its answers to it.
    const { id, actor } = find(name)
    return (await callers[actor].ask(`tasks/${id}/placement`)) as Decision
  }

  function find(name: string): Watched {
    const task = tasks.get(name)
    if (!task) throw new Error(`${name} was not submitted`)
    return task
  }

  return {
    tasks,
    add({ name, actor }, id) {
      tasks.set(name, { id, name, actor, submittedAt: Date.now(), state: 'QUEUED', endedAt: undefined, attempts: [] })
    },
    async until(what, condition) {
      try {
        for (;;) {
          await look()
          if (condition(tasks)) return
          await pause(POLL_MS, undefined, { signal })
        }
      } catch (error) {
        const reason: unknown = signal.aborted ? signal.reason : error
        const states = [...tasks.values()].map(({ name, state }) => `${name} ${state}`).join(', ')
        throw new Error(`${reason instanceof Error ? reason.message : String(reason)}\n  It was waiting for ${what} (${states}).`, {
          cause: error,
        })
      }
    },
    decision,
    async untilDecided(name) {
      for (;;) {
        try {
          return void (await decision(name))
        } catch (error) {
          if (!(error instanceof AskRefused && error.status === NOT_FOUND)) throw error
        }
        await pause(POLL_MS, undefined, { signal })
      }
    },
    async preview(actor, task) {
      for (;;) {
        const decision = (await callers[actor].ask('placements', { method: 'POST', body: JSON.stringify(task) })) as Decision
        if (!decision.sites.some(({ terms }) => terms?.assumed.some(path => path.startsWith(DATA_FOLDER)))) return decision
        await pause(POLL_MS, undefined, { signal })
      }
    },
  }
}

function sayState({ name, state, attempts }: Watched): string {
  const site = attempts.at(-1)?.site
  const place = site === undefined ? '' : `at ${site}${attempts.length > 1 ? `, attempt ${attempts.length}` : ''}`
  return `${name.padEnd(14)} ${state.padEnd(13)} ${place}`.trimEnd()
}
