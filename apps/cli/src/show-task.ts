/**
 * Facts of a task as lists and watches show them.
 */
import type { ReadBasic } from '@portolan/tes/client'

/** The site where a broker has put the task; undefined if the server does not say. */
export function siteOf(task: Pick<ReadBasic, 'logs'>): string | undefined {
  const metadata = task.logs?.at(-1)?.metadata
  return metadata?.['portolan.site']
}

/** To the second, in UTC; what is no time stays as it is. */
export function showTime(text: string | undefined): string {
  if (text === undefined || text === '') return '-'
  const at = Date.parse(text)
  return Number.isNaN(at) ? text : showMoment(at)
}

/** `at` in ms since 1970. */
export function showMoment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`
}
