/**
 * Tells the ledger of a site how long the inputs of a task that has ended took to come there. Nobody is asked for that: what the locators do not know
 * any more teaches nothing.
 */
import { type Attempt, hasContent, type LocatedInput, type Location, mapPaths } from '@portolan/federation'
import type { TesTask, TesTaskLog } from '@portolan/tes'
import { SYSTEM } from '../auth/principal.ts'
import type { Locator } from '../data/locator.ts'
import type { Store } from '../stores/store.ts'
import type { SiteLedger } from './site-ledger.ts'

export type LearnTransfer = (attempt: Attempt, log: TesTaskLog) => Promise<void>

export interface LearnTransferPorts {
  readonly store: Store
  readonly locator: Locator
  readonly ledger: SiteLedger
  /** The declared ones. Their path maps count for attempts that have kept none. */
  readonly locations: () => readonly Location[]
  readonly now: () => number
}

export function createLearnTransfer({ store, locator, ledger, locations, now }: LearnTransferPorts): LearnTransfer {
  return async (attempt, log) => {
    if (log.start_time === undefined || log.logs[0]?.start_time === undefined) return
    const document = store.getDocument(SYSTEM, attempt.work)
    if (!document) return
    const written: TesTask = JSON.parse(document.documentText)
    const { task } = mapPaths(written, attempt.pathMaps ? [attempt] : locations(), document.project)
    const inputs = (task.inputs ?? []).flatMap(input =>
      input.url === undefined || hasContent(input) ? [] : [{ ...input, url: input.url }],
    )
    const found = await locator.locate(
      inputs.map(({ url, type }) => ({ url, directory: type === 'DIRECTORY' })),
      0,
    )
    const located = inputs.flatMap(({ url, path }, at): LocatedInput[] => {
      const where = found[at]
      return where ? [{ url, path, ...where }] : []
    })
    ledger.transferred(located, log, now())
  }
}
