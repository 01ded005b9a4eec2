/**
 * What is kept of a site's log: head and tail of every text, so that one talkative tool cannot fill the store. Pure.
 */
import type { TesTaskLog } from '@portolan/tes'

/** Characters kept of one stdout or stderr. */
const LOG_HEAD = 64 * 1024
const LOG_TAIL = 192 * 1024
/** Lines of system logs, and characters of each, that are kept. */
const SYSTEM_LINES = 200
const SYSTEM_LINE = 2_000

export function capText(text: string, head = LOG_HEAD, tail = LOG_TAIL): string {
  const cut = text.length - head - tail
  return cut <= 0 ? text : `${text.slice(0, head)}\n[${cut} characters left out]\n${text.slice(text.length - tail)}`
}

export function capLog(log: TesTaskLog): TesTaskLog {
  const system = log.system_logs
  return {
    ...log,
    logs: log.logs.map(executor => ({
      ...executor,
      ...(executor.stdout !== undefined && { stdout: capText(executor.stdout) }),
      ...(executor.stderr !== undefined && { stderr: capText(executor.stderr) }),
    })),
    ...(system && {
      system_logs: [
        ...system.slice(0, SYSTEM_LINES).map(line => capText(line, SYSTEM_LINE, 0)),
        ...(system.length > SYSTEM_LINES ? [`${system.length - SYSTEM_LINES} more lines left out`] : []),
      ],
    }),
  }
}
