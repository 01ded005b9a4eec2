/**
 * One performance of the demo: starts the federation, plays, and answers what was seen. Says nothing but its steps, and judges nothing.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Decision } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import { type Caller, createCaller, endpointOf } from './caller.ts'
import { collectEvidence, type Evidence } from './evidence.ts'
import { type Federation, startFederation } from './federation.ts'
import { fetchResult } from './fetch-result.ts'
import { admitEverybody } from './log-in.ts'
import type { Actor } from './people.ts'
import { play } from './play.ts'
import type { Script } from './script.ts'
import { dataUrl } from './setup.ts'
import type { Storage } from './storage.ts'
import { type DemoTask, IMAGE, toDocument } from './tasks.ts'
import { watchTasks } from './watch.ts'

export interface Performance {
  readonly script: Script
  /** A folder for all files of the sites, the broker, and those who fetch results. */
  readonly root: string
  readonly storage: Storage
  readonly runner: string
  /** Further flags for every site. */
  readonly siteFlags: readonly string[]
  /** Hears of what happens. */
  readonly step: (text: string) => void
  /** Ends it early: the reason of its signal says why. */
  readonly stop: AbortController
}

/**
 * Hands what was seen to `onPlayed` while everything still runs, then ends it all. Answers the broker's exit code. Rejects, with everything ended,
 * if the play does not come to its end or a process ends by itself.
 */
export async function perform(
  { script, root, storage, runner, siteFlags, step, stop }: Performance,
  onPlayed: (evidence: Evidence, federation: Federation) => Promise<void>,
): Promise<number | null> {
  let lost: Error | undefined
  const onLost = (error: Error): void => {
    lost = error
    stop.abort(error)
  }
  const federation = await startFederation({ root, deal: script.deal, storage, runner, siteFlags, onLost, signal: stop.signal })
  let code: number | null = null
  try {
    step(`a login, three sites and the broker are up; the one endpoint for all is ${endpointOf(federation.brokerUrl)}`)
    await onPlayed(await playOut(script, federation, step, stop.signal), federation)
  } finally {
    code = await federation.end()
  }
  if (lost) throw lost
  return code
}

async function playOut(script: Script, federation: Federation, step: (text: string) => void, signal: AbortSignal): Promise<Evidence> {
  const { brokerUrl } = federation
  const admitted = await admitEverybody(brokerUrl, step, signal)
  const callers: Readonly<Record<Actor, Caller>> = {
    alice: createCaller(brokerUrl, admitted.alice, signal),
    engine: createCaller(brokerUrl, admitted.engine, signal),
    bob: createCaller(brokerUrl, admitted.bob, signal),
  }
  const outsider = createCaller(brokerUrl, admitted.carol, signal)
  const watch = watchTasks(callers, step, signal)
  const previews = new Map<string, Decision>()
  const document = (task: DemoTask): TesTask => toDocument(task, script.deal, site => dataUrl(federation.layout, site), IMAGE)
  await play({
    ...{ tasks: script.tasks, watch, federation, step },
    async preview(task) {
      const decision = await watch.preview(task.actor, document(task))
      previews.set(task.name, decision)
      return decision.chosen ?? 'no site'
    },
    submit: async task => (await callers[task.actor].client.createTask(document(task), { signal })).id,
    cancel: ({ id, actor }) => callers[actor].client.cancelTask(id, { signal }),
  })
  const fetchAs = async ({ actor }: DemoTask, id: string) => {
    const folder = join(federation.layout.root, 'results', id)
    mkdirSync(folder, { recursive: true })
    return await fetchResult({ brokerUrl, credential: admitted[actor], task: id, folder, signal })
  }
  return await collectEvidence(script, { callers, outsider, federation, watch, previews, fetchResult: fetchAs, signal })
}
