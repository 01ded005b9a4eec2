/**
 * Who sees what: each of the cast lists what they may see and asks for a task of the others by its id, and somebody who is in no project tries to
 * submit.
 */
import { ApiError } from '@portolan/ga4gh'
import type { TesTask } from '@portolan/tes'
import * as z from 'zod'
import type { Caller } from './caller.ts'
import { ACTORS, type Actor, ownerOf } from './people.ts'
import type { Watched } from './watch.ts'

/** Asking for a task that belongs to somebody else. */
export interface Prying {
  readonly actor: Actor
  /** The name of the task. */
  readonly task: string
  /** Of the answer. */
  readonly status: number
}

export interface Encounters {
  /** The names of all tasks that each one's list shows, sorted. */
  readonly listed: Readonly<Record<Actor, readonly string[]>>
  readonly pried: readonly Prying[]
  readonly outsider: {
    readonly listed: readonly string[]
    /** The answer to a create. */
    readonly status: number
    readonly said: string
    /** What they are told that they lack. */
    readonly missing: z.infer<typeof Missing>
  }
}

const Missing = z.object({ says: z.string(), ways: z.array(z.object({ entitlement: z.string(), ask: z.string() })) })
const Me = z.object({ missing: Missing })
const OK = 200

export interface Guests {
  readonly callers: Readonly<Record<Actor, Caller>>
  readonly outsider: Caller
  readonly tasks: readonly Watched[]
  /** What the outsider tries to submit. */
  readonly document: TesTask
  readonly signal: AbortSignal
}

export async function lookAround({ callers, outsider, tasks, document, signal }: Guests): Promise<Encounters> {
  const listed: Record<Actor, readonly string[]> = { alice: [], engine: [], bob: [] }
  const pried: Prying[] = []
  for (const actor of ACTORS) {
    listed[actor] = await listNames(callers[actor], signal)
    const foreign = tasks.find(task => ownerOf(task.actor) !== ownerOf(actor))
    if (foreign) {
      const { status } = await attempt(callers[actor].client.getTask(foreign.id, { signal }))
      pried.push({ actor, task: foreign.name, status })
    }
  }
  const create = await attempt(outsider.client.createTask(document, { signal }))
  const { missing } = Me.parse(await outsider.ask('me'))
  return { listed, pried, outsider: { listed: await listNames(outsider, signal), ...create, missing } }
}

async function listNames({ client }: Caller, signal: AbortSignal): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { name = '' } of client.listTasks({ view: 'BASIC', signal })) names.push(name)
  return names.toSorted()
}

async function attempt(asking: Promise<unknown>): Promise<{ status: number; said: string }> {
  try {
    await asking
    return { status: OK, said: '' }
  } catch (error) {
    if (error instanceof ApiError && error.status !== undefined) return { status: error.status, said: error.message }
    throw error
  }
}
