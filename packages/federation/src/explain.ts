/**
 * The one renderer of decisions: what API, CLI, dashboard and logs show of one is made here.
 */
import type { CostTerms, Decision, Reason, SiteVerdict } from './decision.ts'
import { formatBytes, formatDuration } from './format.ts'

const SHORT_LENGTH = 400
const NAMED_TROUBLED = 3
const HEAD = ['rank', 'site', 'verdict', 'time', 'to move', 'wait', 'transfer', 'run', 'output', 'retry'] as const

/**
 * The whole decision as lines of plain text: the outcome, the line that says why, a table of all sites (best first, then in id order), each
 * failed check with its fix, and what was assumed. Without ends of lines; widths count code points.
 */
export function explainDecision(decision: Decision): readonly string[] {
  const sites = decision.sites.toSorted((a, b) => rankOf(a) - rankOf(b))
  const assumed = sites.find(site => site.terms !== undefined)?.terms?.assumed ?? []
  return [
    sayOutcome(decision),
    decision.why,
    '',
    ...alignColumns([HEAD, ...sites.map(rowOf)]),
    ...sites.filter(site => site.reasons.length > 0).flatMap(explainSite),
    ...(assumed.length === 0 ? [] : ['', `Assumed: ${assumed.join(', ')}`]),
    '',
    `Sites: ${sayCounts(decision.counts)}`,
    ...(decision.further === undefined ? [] : [decision.further.detail]),
    `Snapshot ${decision.snapshot}, policies ${decision.policyVersion}`,
  ]
}

/** One line of at most 400 characters for the metadata of a task's log. */
export function explainShort(decision: Decision): string {
  const characters = Array.from(decision.why)
  return characters.length <= SHORT_LENGTH ? decision.why : `${characters.slice(0, SHORT_LENGTH - 1).join('')}…`
}

/**
 * Lines for a task that waits: the line that says why, then what is wrong with sites that are down or fail, and the fix. They change only when
 * one of these does, not with every figure.
 */
export function explainWaiting({ why, sites }: Decision): readonly string[] {
  const troubled = sites.filter(site => site.verdict === 'later').flatMap(site => site.reasons.filter(isTrouble))
  return [`waiting: ${why}`, ...troubled.slice(0, NAMED_TROUBLED).map(({ code, detail, fix }) => `${code}: ${detail}. ${fix}`)]
}

function isTrouble({ code }: Reason): boolean {
  return code === 'SITE_DOWN' || code === 'BREAKER_OPEN'
}

function sayOutcome({ work, outcome, chosen }: Decision): string {
  switch (outcome) {
    case 'placed':
      return `${work} goes to ${chosen}`
    case 'hold':
      return `${work} waits: no site can run it now`
    case 'refused':
      return `${work} is refused: no site may run it`
  }
}

/** The sort is stable: sites without a rank stay in id order. */
function rankOf(site: SiteVerdict): number {
  return site.rank ?? Number.MAX_SAFE_INTEGER
}

function rowOf(site: SiteVerdict): readonly string[] {
  const { terms, cost, rank } = site
  const figures = terms === undefined ? ['', '', '', '', '', '', ''] : figuresOf(terms, cost ?? 0)
  return [rank === undefined ? '-' : `${rank}`, site.name, site.verdict, ...figures]
}

function figuresOf(terms: CostTerms, cost: number): readonly string[] {
  const times = [terms.waitMs, terms.transferMs, terms.runMs, terms.outputMs, terms.retryMs]
  return [formatDuration(cost), formatBytes(terms.bytesToMove), ...times.map(formatDuration)]
}

function explainSite({ name, reasons }: SiteVerdict): readonly string[] {
  return ['', name, ...reasons.flatMap(({ code, detail, fix }) => [`  ${code}: ${detail}`, `    ${fix}`])]
}

function sayCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([code, count]) => `${count} ${code}`)
    .join(', ')
}

function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map(row => Array.from(row[column] ?? '').length)))
  return rows.map(row =>
    row
      .map((cell, column) => padEnd(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function padEnd(cell: string, width: number): string {
  return cell + ' '.repeat(width - Array.from(cell).length)
}
