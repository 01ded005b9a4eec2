/**
 * What a broker remembers of a site beside the store; a crash loses it.
 */
import type { AttemptId, SiteTaskId, SweepRecord } from '../../src/index.ts'

export interface Memory {
  lastSweep?: SweepRecord | undefined
  sweeping: boolean
  unknownIds: boolean
  quarantinedSince?: number | undefined
  lastAnswerAt: number
  understood: ReadonlySet<SiteTaskId>
  woken: boolean
  wakesAt: number
  /** After a failed submission nothing is offered for a moment. */
  submitsFrom: number
  readonly inFlight: Set<AttemptId>
  readonly reads: Map<AttemptId, number>
  readonly askedAt: Map<AttemptId, number>
}

export function newMemory(): Memory {
  return {
    sweeping: false,
    unknownIds: false,
    lastAnswerAt: 0,
    understood: new Set(),
    woken: false,
    wakesAt: 0,
    submitsFrom: 0,
    inFlight: new Set(),
    reads: new Map(),
    askedAt: new Map(),
  }
}
