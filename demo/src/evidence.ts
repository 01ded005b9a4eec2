/**
 * What was seen of a performance: all that the verdict rests on.
 */
import type { Decision } from '@portolan/federation'
import * as z from 'zod'
import type { Caller } from './caller.ts'
import { type Encounters, lookAround } from './encounter.ts'
import type { Federation } from './federation.ts'
import type { FetchedResult } from './fetch-result.ts'
import type { Actor } from './people.ts'
import type { Script } from './script.ts'
import { dataUrl } from './setup.ts'
import { type DemoTask, IMAGE, toDocument } from './tasks.ts'
import { type Access, readAccessLogs } from './traffic.ts'
import type { Watch } from './watch.ts'

export interface TaskEvidence {
  /** What the broker said before the task was submitted. */
  readonly preview: Decision
  /** Its last decision about the task itself. */
  readonly decision: Decision
  /** Where it was tried, in order. */
  readonly sites: readonly string[]
  readonly state: string
  readonly seconds: number
  /** What its person has got as its result; of a task that is to complete. */
  readonly result: FetchedResult | undefined
}

const Sites = z.object({ sites: z.array(z.object({ id: z.string(), open: z.boolean() })) })

export interface Evidence {
  /** The sites as the broker shows them. */
  readonly sites: z.infer<typeof Sites>['sites']
  /** True where the data lies in S3, whose stores vouch for what lies there by digests. */
  readonly inS3: boolean
  /** By the name of the task. */
  readonly tasks: ReadonlyMap<string, TaskEvidence>
  /** Every line of the access logs of all stores. */
  readonly accesses: readonly Access[]
  readonly encounters: Encounters
}

interface Witnesses {
  readonly callers: Readonly<Record<Actor, Caller>>
  readonly outsider: Caller
  readonly federation: Federation
  readonly watch: Watch
  readonly previews: ReadonlyMap<string, Decision>
  /** Fetches the result of the task of this id, as who has submitted it. */
  readonly fetchResult: (task: DemoTask, id: string) => Promise<FetchedResult>
  readonly signal: AbortSignal
}

/** Asks the broker, and reads what the stores have written down, once every task has ended. Rejects if there is no trace of one. */
export async function collectEvidence(script: Script, witnesses: Witnesses): Promise<Evidence> {
  const { callers, outsider, federation, watch, previews, fetchResult, signal } = witnesses
  const tasks = new Map<string, TaskEvidence>()
  for (const task of script.tasks) {
    const seen = watch.tasks.get(task.name)
    const preview = previews.get(task.name)
    if (seen?.endedAt === undefined || !preview) throw new Error(`${task.name} was not submitted, or has not ended`)
    tasks.set(task.name, {
      preview,
      decision: await watch.decision(task.name),
      sites: seen.attempts.map(({ site }) => site),
      state: seen.state,
      seconds: (seen.endedAt - seen.submittedAt) / 1000,
      result: task.fate === 'complete' ? await fetchResult(task, seen.id) : undefined,
    })
  }
  const { sites } = Sites.parse(await callers.alice.ask('sites'))
  const [first] = script.tasks
  if (!first) throw new Error('there is nothing to play')
  const document = toDocument(first, script.deal, site => dataUrl(federation.layout, site), IMAGE)
  const encounters = await lookAround({ callers, outsider, tasks: [...watch.tasks.values()], document, signal })
  const inS3 = federation.layout.stores !== undefined
  return { sites, inS3, tasks, encounters, accesses: readAccessLogs(site => federation.accessLog(site)) }
}
