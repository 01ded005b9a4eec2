/**
 * The port of live logs: what a task that runs has written until now. Sites are asked on request alone, and so often as `limits.liveReadsPerSecond` of the site says, for
 * all who follow tasks there together: who comes in between gets what was last seen. Nothing of it is stored.
 */
import type { SiteId, SiteTaskId } from '@portolan/federation'
import type { TesTaskLog } from '@portolan/tes'

export type LiveAnswer =
  | { readonly outcome: 'seen'; readonly at: number; readonly log: TesTaskLog | undefined }
  /** `detail`: one sentence; what was last seen, if anything, with it. */
  | {
      readonly outcome: 'failed'
      readonly detail: string
      readonly last?: { readonly at: number; readonly log: TesTaskLog | undefined } | undefined
    }

export interface LiveLogs {
  /** Never rejects. Waits for its turn at the site for two seconds at most. */
  read(site: SiteId, task: SiteTaskId, signal: AbortSignal): Promise<LiveAnswer>
  [Symbol.asyncDispose](): Promise<void>
}
