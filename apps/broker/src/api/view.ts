/**
 * A work item as a TES task: the submitted document, the state, and one log entry for the attempt that counts. Pure.
 *
 * What leaves here is exactly the standard: no null, no key of our own. What the broker has to say stands in `logs[0].metadata` and
 * `logs[0].system_logs` (its own lines first, then the site's).
 */
import { isTerminal, TesTask, TesTaskLog, toBasic } from '@portolan/tes'
import type { WorkDocument, WorkRow } from '../stores/store.ts'

/** What the store row does not say about the attempt that counts. */
export interface AttemptFacts {
  readonly siteName?: string | undefined
  /** 1 for the first try. */
  readonly attemptNumber?: number | undefined
  /** The short line of the decision. */
  readonly why?: string | undefined
}

/** The MINIMAL view as JSON text: exactly `id` and `state`. Ids and states need no escaping. */
export function minimalText(row: Pick<WorkRow, 'id' | 'state'>): string {
  return `{"id":"${row.id}","state":"${row.state}"}`
}

/** The FULL view as JSON text. The stored document is spliced in as it stands: it is our own text of a pruned task. */
export function fullText(document: WorkDocument, facts: AttemptFacts): string {
  const log = assembleLog(document, facts)
  const time = new Date(document.createdAt).toISOString()
  const logs = log ? `,"logs":[${JSON.stringify(log)}]` : ''
  return `{"id":"${document.id}","state":"${document.state}","creation_time":"${time}",${document.documentText.slice(1, -1)}${logs}}`
}

/** The BASIC view as JSON text. */
export function basicText(document: WorkDocument, facts: AttemptFacts): string {
  const task = TesTask.parse(JSON.parse(document.documentText))
  const log = assembleLog(document, facts)
  const full = { ...task, id: document.id, state: document.state, creation_time: new Date(document.createdAt).toISOString() }
  return JSON.stringify(toBasic(log ? { ...full, logs: [log] } : full))
}

/** The one entry of `logs`; none while there is nothing to say. */
function assembleLog(document: WorkDocument, facts: AttemptFacts): TesTaskLog | undefined {
  if (document.countsAttempt === undefined) {
    return document.notes.length > 0 ? { logs: [], outputs: [], system_logs: [...document.notes] } : undefined
  }
  const site = document.logText === undefined ? undefined : TesTaskLog.parse(JSON.parse(document.logText))
  const systemLogs = [...document.notes, ...(site?.system_logs ?? [])]
  return {
    ...(site?.start_time !== undefined && { start_time: site.start_time }),
    ...(site?.end_time !== undefined && isTerminal(document.state) && { end_time: site.end_time }),
    logs: site?.logs ?? [],
    outputs: site?.outputs ?? [],
    metadata: { ...site?.metadata, ...describeAttempt(document, facts) },
    ...(systemLogs.length > 0 && { system_logs: systemLogs }),
  }
}

function describeAttempt(document: WorkDocument, facts: AttemptFacts): Record<string, string> {
  return {
    ...(document.countsSite !== undefined && { 'portolan.site': document.countsSite }),
    ...(facts.siteName !== undefined && { 'portolan.siteName': facts.siteName }),
    ...(facts.attemptNumber !== undefined && { 'portolan.attempt': String(facts.attemptNumber) }),
    ...(facts.why !== undefined && { 'portolan.why': facts.why }),
  }
}
