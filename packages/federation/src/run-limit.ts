/**
 * How long one attempt may run. Dialects have no word for it, so the broker counts for itself and cancels.
 */
import type { Overrun } from './attempt.ts'
import type { Site } from './site.ts'
import type { WorkIntent } from './tracking.ts'

export type RunLimit = Pick<Overrun, 'limitMs' | 'setBy'>

/** The shorter of what the task asks for and what the site allows; undefined: as long as it takes. */
export function limitRun({ maxRunMs }: WorkIntent, { capacity }: Site): RunLimit | undefined {
  const ofSite = capacity.maxRunMs
  if (maxRunMs !== undefined && (ofSite === undefined || maxRunMs <= ofSite)) return { limitMs: maxRunMs, setBy: 'task' }
  return ofSite === undefined ? undefined : { limitMs: ofSite, setBy: 'site' }
}
