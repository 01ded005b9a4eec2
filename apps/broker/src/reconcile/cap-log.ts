/**
 * What is kept of a site's log: head and tail of every text, and so many entries of every list, so that neither a talkative tool nor a site that
 * means harm can fill the store. What is left out is counted in the system logs. Pure.
 */
import type { TesTaskLog } from '@portolan/tes'
import { capText, findCut, LOG_HEAD, LOG_TAIL, type TextCut } from '../observe/cut-text.ts'

/** Lines of system logs, and characters of each, that are kept. */
const SYSTEM_LINES = 200
const SYSTEM_LINE = 2_000

/** Characters of the stdout and stderr of all executors together; one with many executors gets less of each. */
const ALL_LOGS = 4 * 1024 * 1024
const EXECUTORS = 1_000
const OUTPUTS = 20_000
/** Characters of all addresses and paths of outputs together. */
const OUTPUT_CHARACTERS = 8 * 1024 * 1024
const METADATA_ENTRIES = 100
const METADATA_KEY = 200
/** Characters of a time or another short text. */
const SHORT = 64

/** What was left out of a stored text, which is one of a log with so many executors; undefined: nothing. */
export function findStoredCut(text: string, executors: number): TextCut | undefined {
  return findCut(text, ...sharesOf(shareOf(executors)))
}

/** How much of what one executor may keep is kept of each, where there are many. */
function shareOf(executors: number): number {
  return Math.min(1, ALL_LOGS / (2 * Math.max(1, executors) * (LOG_HEAD + LOG_TAIL)))
}

export function capLog(log: TesTaskLog): TesTaskLog {
  const executors = log.logs.slice(0, EXECUTORS)
  const share = shareOf(executors.length)
  const outputs = capOutputs(log.outputs)
  const metadata = log.metadata && Object.entries(log.metadata)
  const leftOut = [
    countLeftOut(log.logs.length - executors.length, 'executor logs'),
    countLeftOut(log.outputs.length - outputs.length, 'outputs'),
    countLeftOut((metadata?.length ?? 0) - METADATA_ENTRIES, 'entries of the metadata'),
  ].flat()
  const system = [...capLines(log.system_logs ?? []), ...leftOut]
  return {
    logs: executors.map(executor => ({
      exit_code: executor.exit_code,
      ...capTimes(executor),
      ...(executor.stdout !== undefined && { stdout: capText(executor.stdout, ...sharesOf(share)) }),
      ...(executor.stderr !== undefined && { stderr: capText(executor.stderr, ...sharesOf(share)) }),
    })),
    outputs,
    ...capTimes(log),
    ...(metadata && {
      metadata: Object.fromEntries(
        metadata.slice(0, METADATA_ENTRIES).map(([key, value]) => [capText(key, METADATA_KEY, 0), capText(value, SYSTEM_LINE, 0)]),
      ),
    }),
    ...((log.system_logs || leftOut.length > 0) && { system_logs: system }),
  }
}

function sharesOf(share: number): [head: number, tail: number] {
  return [Math.floor(LOG_HEAD * share), Math.floor(LOG_TAIL * share)]
}

function capLines(lines: readonly string[]): string[] {
  const kept = lines.slice(0, SYSTEM_LINES).map(line => capText(line, SYSTEM_LINE, 0))
  return [...kept, ...(lines.length > SYSTEM_LINES ? [`${lines.length - SYSTEM_LINES} more lines left out`] : [])]
}

function capTimes({ start_time, end_time }: { start_time?: string | undefined; end_time?: string | undefined }) {
  return {
    ...(start_time !== undefined && { start_time: start_time.slice(0, SHORT) }),
    ...(end_time !== undefined && { end_time: end_time.slice(0, SHORT) }),
  }
}

function capOutputs(outputs: TesTaskLog['outputs']): TesTaskLog['outputs'] {
  let characters = 0
  return outputs.slice(0, OUTPUTS).filter(({ url, path }) => {
    characters += url.length + path.length
    return characters <= OUTPUT_CHARACTERS
  })
}

function countLeftOut(count: number, what: string): string[] {
  return count > 0 ? [`${count} ${what} left out`] : []
}
