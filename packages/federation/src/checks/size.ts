/** Can the site ever hold a task of this size? */
import { chooseForm } from '../choose-form.ts'
import type { CompiledSite } from '../compile.ts'
import type { WorkFacts } from '../facts.ts'
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

/** A signed link is longer than the URL that it stands for: so many bytes of the document are counted for each file that gets one. */
const LINK_BYTES = 1200

export const taskTooLarge: Check = {
  code: 'TASK_TOO_LARGE',
  requires: 'The document is no larger than the site accepts, with the links that stand in it for inputs.',
  check: ({ at, facts }) => {
    const { documentBytes } = facts.work
    const most = at.site.limits.maxDocumentBytes
    const links = mayLink(facts, most) ? countLinks(at, facts) : 0
    const bytes = documentBytes + links * LINK_BYTES
    if (bytes <= most) return undefined
    if (documentBytes > most || links === 0) {
      return {
        code: 'TASK_TOO_LARGE',
        detail: `the document has ${documentBytes} bytes; ${at.site.name} accepts ${most}`,
        fix: 'Move inline content into files that the task names by URL.',
      }
    }
    return {
      code: 'TASK_TOO_LARGE',
      detail: `with links to ${links} ${links === 1 ? 'file' : 'files'} the document has some ${bytes} bytes; ${at.site.name} accepts ${most}`,
      fix: 'Give archives in place of many files, or ask for the site to be named in credentialsAt of the location.',
    }
  },
}

/** No site could need more links than there are files. */
function mayLink({ forms, work }: WorkFacts, most: number): boolean {
  const files = forms.reduce((sum, form) => (form.question.plain ? sum : sum + form.files), 0)
  return files > 0 && work.documentBytes + files * LINK_BYTES > most
}

function countLinks(at: CompiledSite, { forms }: WorkFacts): number {
  return forms.reduce((sum, form) => (chooseForm(at, form.question).kind === 'link' ? sum + form.files : sum), 0)
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
