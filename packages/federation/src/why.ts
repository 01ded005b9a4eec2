/**
 * The one line that says why: the best sites with their time and the bytes to move, then some that are denied and for what.
 */
import type { Decision, SiteVerdict } from './decision.ts'
import { formatBytes, formatDuration } from './format.ts'

const NAMED_RANKED = 3
const NAMED_DENIED = 3

/** `further`: of sites that are not told of, in words. */
export function sayWhy(outcome: Decision['outcome'], sites: readonly SiteVerdict[], further?: string): string {
  const ranked = findBest(sites)
  const denied = sites.filter(site => site.verdict !== 'pass').sort(laterFirst)
  const parts = [...ranked.map(sayRanked), ...denied.slice(0, NAMED_DENIED).map(sayDenied)]
  const hidden = sites.length - parts.length
  if (hidden > 0) parts.push(`${hidden} more`)
  if (further !== undefined) parts.push(further)
  const line = parts.join('; ')
  switch (outcome) {
    case 'placed':
      return line
    case 'hold':
      return `No site can run it now: ${line}`
    case 'refused':
      return parts.length === 0 ? 'No site is declared' : `No site may run it: ${line}`
  }
}

function findBest(sites: readonly SiteVerdict[]): readonly SiteVerdict[] {
  const best: SiteVerdict[] = []
  for (const site of sites) if (site.rank !== undefined && site.rank <= NAMED_RANKED) best[site.rank - 1] = site
  return best
}

/** Sites that could run it later say more than those that never may. The sort is stable, so ids keep their order. */
function laterFirst(a: SiteVerdict, b: SiteVerdict): number {
  return Number(a.verdict === 'never') - Number(b.verdict === 'never')
}

function sayRanked({ name, cost, terms }: SiteVerdict): string {
  const bytes = terms?.bytesToMove ?? 0
  const moved = bytes === 0 ? '' : ` (${formatBytes(bytes)} to move)`
  return `${name}: ${formatDuration(cost ?? 0)}${moved}`
}

function sayDenied({ name, verdict, reasons }: SiteVerdict): string {
  const codes = [...new Set(reasons.map(reason => reason.code))].join(', ')
  return verdict === 'later' ? `${name} not now (${codes})` : `${name} denied (${codes})`
}
