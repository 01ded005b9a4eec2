/**
 * What a work item has to tell of its attempts, in lines for `system_logs`: one line each, oldest first.
 */
import type { Attempt } from './attempt.ts'
import { formatDuration } from './format.ts'
import { formatUtc } from './utc.ts'

/** A site's own words are cut here; its whole log is kept elsewhere. */
const DETAIL_LENGTH = 500
const MINUTE_MS = 60_000

/** What ran too long, whose limit that was, and what to do. */
function noteOverrun({ number, site, overrun }: Attempt): readonly string[] {
  if (overrun === undefined) return []
  const [whose, fix] =
    overrun.setBy === 'task'
      ? ['that the task set (portolan_max_runtime)', 'Set a higher one']
      : ['of the site (capacity.maxRunHours)', 'Say in portolan_max_runtime how long it needs, so that only sites that allow it are chosen']
  const limit = formatDuration(overrun.limitMs)
  return [
    `RUN_TOO_LONG: attempt ${number} at site ${site} has reached the limit of ${limit} ${whose}, so the broker cancels it. ${fix}, or split the task.`,
  ]
}

/** How long the site can read an input whose address ends soon. */
function noteLinks({ number, site, linksUntil, submittedAt, end }: Attempt): readonly string[] {
  if (linksUntil === undefined || submittedAt === undefined || end?.outcome === 'COMPLETE' || end?.outcome === 'REJECTED') return []
  const minutes = Math.max(0, Math.floor((linksUntil - submittedAt) / MINUTE_MS))
  return [
    `Attempt ${number} at site ${site} reads inputs by addresses of DRS servers, of which the first ends at ${formatUtc(linksUntil)}, ${minutes} min after it was sent: what is not read by then cannot be read.`,
  ]
}

/** Attempts that are over. Those that one site would not take, one after the other, share a line; a plain success says nothing. */
export function noteEarlier(attempts: readonly Attempt[]): readonly string[] {
  const notes: string[] = []
  let first: Attempt | undefined
  attempts.forEach((attempt, index) => {
    first ??= attempt
    const next = attempts[index + 1]
    if (next !== undefined && isRefused(attempt) && isRefused(next) && next.site === attempt.site) return
    notes.push(...noteLinks(attempt), ...noteOverrun(attempt), ...noteEnd(first, attempt))
    first = undefined
  })
  return notes
}

/** The attempt under way, where there is something to tell. */
export function noteLive(attempt: Attempt, rerunnable: boolean): readonly string[] {
  const { site, silentSince } = attempt
  const last = attempt.seen === undefined ? 'it has shown no state yet' : `${attempt.seen} is the last state it showed`
  const since = silentSince === undefined ? '' : ` since ${formatUtc(silentSince)}`
  const links = noteLinks(attempt)
  if (attempt.state === 'AMBIGUOUS') {
    return [
      ...links,
      `Site ${site} has not said whether it took attempt ${attempt.number}; the broker looks for it there before it sends it again.`,
    ]
  }
  const overrun = [...links, ...noteOverrun(attempt)]
  if (attempt.state === 'STALE') return [...overrun, `Site ${site} has not answered${since}; ${last}.`]
  if (attempt.state !== 'LOST') return overrun
  const rule =
    rerunnable && attempt.overrun === undefined
      ? 'It is run again elsewhere'
      : 'It is not marked rerunnable, so the broker waits for the site'
  return [...overrun, `Site ${site} has not answered${since} and counts as lost; ${last}. ${rule}.`]
}

/** The cancel that a silent site never confirmed. */
export function noteCancel(attempt: Attempt): string {
  return `Site ${attempt.site} has not confirmed the cancel of attempt ${attempt.number}; the broker asks again when it answers.`
}

function isRefused(attempt: Attempt): boolean {
  return attempt.end?.outcome === 'REJECTED' || attempt.end?.outcome === 'UNSENT'
}

function noteEnd(first: Attempt, last: Attempt): readonly string[] {
  const { end, site } = last
  if (end === undefined || end.outcome === 'COMPLETE' || end.outcome === 'EXECUTOR_ERROR') return []
  const which = first === last ? `Attempt ${last.number}` : `Attempts ${first.number} to ${last.number}`
  return [`${which} at site ${site} ended ${end.outcome}: ${oneLine(end.detail)}`]
}

function oneLine(detail: string): string {
  const line = detail.replaceAll(/\s+/gu, ' ').trim()
  return line.length > DETAIL_LENGTH ? `${line.slice(0, DETAIL_LENGTH)}…` : line
}
