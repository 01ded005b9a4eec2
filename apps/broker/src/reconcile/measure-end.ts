/**
 * What is kept of an end: the log of the site, and what the task has left. Outputs are measured where an end leaves any; in all other ends the
 * site's own word is kept for what the task has declared.
 */
import {
  type Attempt,
  expandOutputs,
  type Location,
  type MeasuredOutput,
  type MeasuredOutputs,
  mapPaths,
  type OutputExpectation,
  type ProjectId,
  type Site,
} from '@portolan/federation'
import type { TerminalState, TesTask, TesTaskLog } from '@portolan/tes'
import { SYSTEM } from '../auth/principal.ts'
import type { OutputMeasurer } from '../data/output-measurer.ts'
import type { Store, WorkDocument } from '../stores/store.ts'
import { capLog } from './cap-log.ts'
import type { Evidence } from './compose-write.ts'
import type { SiteContact } from './site-contact.ts'

export interface EndEvidencePorts {
  readonly site: Site
  readonly store: Store
  readonly contact: SiteContact
  readonly measurer: OutputMeasurer
  /** The declared ones. Their path maps count for attempts that have kept none. */
  readonly locations: () => readonly Location[]
  /** Where the results of a project go, in all spellings. */
  readonly placesOf: (project: ProjectId) => readonly string[]
}

/** `log`: as the site showed it with the end; absent if it has forgotten the task. Rejects only when the signal ends it. */
export type EndEvidence = (attempt: Attempt, state: TerminalState, log: TesTaskLog | undefined, signal: AbortSignal) => Promise<Evidence>

export function createEndEvidence({ site, store, contact, measurer, locations, placesOf }: EndEvidencePorts): EndEvidence {
  async function measure(attempt: Attempt, expected: OutputExpectation, signal: AbortSignal): Promise<MeasuredOutputs> {
    // The site has nothing to do meanwhile, and so this counts for nothing in its limits; yet nobody is to begin anew with the attempt.
    contact.measuring.add(attempt.id)
    contact.inFlight.delete(attempt.id)
    try {
      return await measurer.measure(expected, site.tracking.measureMs, signal)
    } finally {
      contact.inFlight.add(attempt.id)
      contact.measuring.delete(attempt.id)
    }
  }

  return async (attempt, state, log, signal) => {
    const expected = expect(attempt, state, log)
    if (expected.declared.length === 0) return evidenceOf(log, { outputs: [], warnings: [] })
    if (leavesOutputs(state) && attempt.givenUpAt === undefined) return evidenceOf(log, await measure(attempt, expected, signal))
    const told = expandOutputs(
      expected,
      expected.declared.map(() => ({ outcome: 'undeclared' }) as const),
    )
    return evidenceOf(log, { outputs: told.outputs.filter(({ bytes }) => bytes !== undefined), warnings: told.warnings })
  }

  function expect(attempt: Attempt, state: TerminalState, log: TesTaskLog | undefined): OutputExpectation {
    const document = store.getDocument(SYSTEM, attempt.work)
    return {
      declared: document ? readDeclared(attempt, document) : [],
      reported: (log?.outputs ?? []).map(({ url, path, size_bytes }) => ({ url, path, sizeBytes: size_bytes })),
      complete: state === 'COMPLETE',
      since: attempt.submittedAt ?? attempt.createdAt,
      ...(document && { results: { below: placesOf(document.project), own: attempt.work } }),
    }
  }

  /** With URLs in the place of paths, as they were sent: maps may have changed since. */
  function readDeclared(attempt: Attempt, { documentText, project }: WorkDocument): OutputExpectation['declared'] {
    const written: TesTask = JSON.parse(documentText)
    return mapPaths(written, attempt.pathMaps ? [attempt] : locations(), project).task.outputs ?? []
  }
}

/** Ends of executors: files may be there, and of a tool that has failed they matter most. */
export function leavesOutputs(state: TerminalState): boolean {
  return state === 'COMPLETE' || state === 'EXECUTOR_ERROR'
}

/** The log shows what has a size, since the standard wants one. */
function evidenceOf(log: TesTaskLog | undefined, { outputs, warnings }: MeasuredOutputs): Evidence {
  const sized = outputs.flatMap(({ url, path, bytes }) => (bytes === undefined ? [] : [{ url, path, size_bytes: String(bytes) }]))
  return {
    ...((log || sized.length > 0) && { logText: JSON.stringify(capLog({ logs: [], ...log, outputs: sized })) }),
    outputs: outputs.map(toStored),
    warnings,
  }
}

function toStored({ bytes, ...rest }: MeasuredOutput): NonNullable<Evidence['outputs']>[number] {
  return { ...rest, sizeBytes: bytes === undefined ? undefined : String(bytes) }
}
