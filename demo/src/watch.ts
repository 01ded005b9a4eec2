/**
 * Follows the demo's tasks through the broker's own endpoint, and tells of every change.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Decision } from '@portolan/federation'
import { isTerminal, type TesState } from '@portolan/tes'
import type { TesClient } from '@portolan/tes/client'
import * as z from 'zod'

const POLL_MS = 200

const Attempts = z.object({ attempts: z.array(z.object({ number: z.number(), site: z.string(), state: z.string() })) })
export type AttemptView = z.infer<typeof Attempts>['attempts'][number]

export interface Watched {
  readonly id: string
  readonly name: string
  readonly submittedAt: number
  state: TesState
  endedAt: number | undefined
  attempts: readonly AttemptView[]
}

export interface Watch {
  readonly tasks: ReadonlyMap<string, Watched>
  add(name: string, id: string): void
  /** Polls until the condition holds. Rejects, and says what was waited for, when the time is over. */
  until(what: string, condition: (tasks: ReadonlyMap<string, Watched>) => boolean, timeoutMs: number): Promise<void>
  decision(name: string): Promise<Decision>
}

export function watchTasks(client: TesClient, brokerUrl: string, step: (text: string) => void): Watch {
  const tasks = new Map<string, Watched>()

  async function ask(path: string): Promise<unknown> {
    const answer = await fetch(`${brokerUrl}/portolan/v1/${path}`, { signal: AbortSignal.timeout(10_000) })
    if (!answer.ok) throw new Error(`GET /portolan/v1/${path} answered ${answer.status}: ${await answer.text()}`)
    return await answer.json()
  }

  async function look(): Promise<void> {
    const byId = new Map([...tasks.values()].map(task => [task.id, task]))
    for await (const { id, state } of client.listTasks({ view: 'MINIMAL' })) {
      const task = byId.get(id)
      if (!task || task.endedAt !== undefined) continue
      const { attempts } = Attempts.parse(await ask(`tasks/${id}/attempts`))
      if (state === task.state && attempts.length === task.attempts.length) continue
      const site = attempts.at(-1)?.site
      step(
        `${task.name.padEnd(15)} ${state.padEnd(12)} ${site === undefined ? '' : `at ${site}`}${attempts.length > 1 ? `, attempt ${attempts.length}` : ''}`,
      )
      task.state = state
      task.attempts = attempts
      if (isTerminal(state)) task.endedAt = Date.now()
    }
  }

  return {
    tasks,
    add(name, id) {
      tasks.set(name, { id, name, submittedAt: Date.now(), state: 'QUEUED', endedAt: undefined, attempts: [] })
    },
    async until(what, condition, timeoutMs) {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        await look()
        if (condition(tasks)) return
        if (Date.now() > deadline) {
          const states = [...tasks.values()].map(({ name, state }) => `${name} ${state}`).join(', ')
          throw new Error(`waited ${timeoutMs / 1000} s in vain for: ${what} (${states})`)
        }
        await pause(POLL_MS)
      }
    },
    async decision(name) {
      // The broker's own contract; a test holds its answers to it.
      return (await ask(`tasks/${tasks.get(name)?.id}/placement`)) as Decision
    },
  }
}
