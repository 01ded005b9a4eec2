/** Can the site ever hold a task of this size? */
import { formatBytes, formatDuration } from '../format.ts'
import type { Check } from './check.ts'

export const tooLargeEver: Check = {
  code: 'TOO_LARGE_EVER',
  requires: 'Cores, RAM and disk fit into the most that one task can get at the site.',
  check: ({ at, facts: { work } }) => {
    const { cpuCores, ramBytes, diskBytes } = at.site.capacity
    const over: string[] = []
    if (cpuCores !== undefined && work.cpuCores > cpuCores) over.push(`${work.cpuCores} cores of at most ${cpuCores}`)
    if (ramBytes !== undefined && work.ramBytes > ramBytes)
      over.push(`${formatBytes(work.ramBytes)} RAM of at most ${formatBytes(ramBytes)}`)
    if (diskBytes !== undefined && work.diskBytes > diskBytes)
      over.push(`${formatBytes(work.diskBytes)} disk of at most ${formatBytes(diskBytes)}`)
    if (over.length === 0) return undefined
    return { code: 'TOO_LARGE_EVER', detail: `the task asks ${at.site.name} for ${over.join(', ')}`, fix: 'Ask for less in resources.' }
  },
}

export const taskTooLarge: Check = {
  code: 'TASK_TOO_LARGE',
  requires: 'The document is no larger than the site accepts.',
  check: ({ at, facts: { work } }) =>
    work.documentBytes > at.site.limits.maxDocumentBytes
      ? {
          code: 'TASK_TOO_LARGE',
          detail: `the document has ${work.documentBytes} bytes; ${at.site.name} accepts ${at.site.limits.maxDocumentBytes}`,
          fix: 'Move inline content into files that the task names by URL.',
        }
      : undefined,
}

export const runTooLong: Check = {
  code: 'RUN_TOO_LONG',
  requires: 'The declared run time is no longer than the site allows.',
  check: ({ at, facts: { work } }) => {
    const limit = at.site.capacity.maxRunMs
    const declared = work.hints.maxRunMs
    if (limit === undefined || declared === undefined || declared <= limit) return undefined
    return {
      code: 'RUN_TOO_LONG',
      detail: `the task may run ${formatDuration(declared)}; ${at.site.name} allows ${formatDuration(limit)}`,
      fix: 'Lower portolan_max_runtime, or split the task.',
    }
  },
}
