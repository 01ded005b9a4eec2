/**
 * What was seen of a performance: all that the verdict rests on.
 */
import type { Decision } from '@portolan/federation'
import * as z from 'zod'
import type { Caller } from './caller.ts'
import { type Encounters, lookAround } from './encounter.ts'
import type { Federation } from './federation.ts'
import type { Actor } from './people.ts'
import type { Script } from './script.ts'
import { dataUrl } from './setup.ts'
import { type DemoTask, IMAGE, resultHolder, resultPath, toDocument } from './tasks.ts'
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
  /** What lies where its result should lie; of a task that is to complete. */
  readonly result: string | undefined
}

const Sites = z.object({ sites: z.array(z.object({ id: z.string(), open: z.boolean() })) })

export interface Evidence {
  /** The sites as the broker shows them. */
  readonly sites: z.infer<typeof Sites>['sites']
  /** By the name of the task. */
  readonly tasks: ReadonlyMap<string, TaskEvidence>
  /** Every line of the data servers' access logs. */
  readonly accesses: readonly Access[]
  readonly encounters: Encounters
}

interface Witnesses {
  readonly callers: Readonly<Record<Actor, Caller>>
  readonly outsider: Caller
  readonly federation: Federation
  readonly watch: Watch
  readonly previews: ReadonlyMap<string, Decision>
  readonly signal: AbortSignal
}

/** Asks the broker and the data servers, once every task has ended. Rejects if there is no trace of one. */
export async function collectEvidence(script: Script, witnesses: Witnesses): Promise<Evidence> {
  const { callers, outsider, federation, watch, previews, signal } = witnesses
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
      result: await fetchResult(federation, task, script),
    })
  }
  const { sites } = Sites.parse(await callers.alice.ask('sites'))
  const [first] = script.tasks
  if (!first) throw new Error('there is nothing to play')
  const document = toDocument(first, script.deal, site => dataUrl(federation.layout, site), IMAGE)
  const encounters = await lookAround({ callers, outsider, tasks: [...watch.tasks.values()], document, signal })
  return { sites, tasks, encounters, accesses: readAccessLogs(site => federation.accessLog(site)) }
}

async function fetchResult(federation: Federation, task: DemoTask, { deal }: Script): Promise<string | undefined> {
  if (task.fate !== 'complete') return undefined
  return await federation.fetchResult(`${dataUrl(federation.layout, resultHolder(task, deal))}${resultPath(task)}`)
}
