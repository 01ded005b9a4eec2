/**
 * Judges a run of kills from what the writers, the journals and the store say. Pure: it only counts and compares.
 */
import { type Attempt, isFenced } from '@portolan/federation'
import { isTerminal } from '@portolan/tes'
import type { ChainReport, StoredEvent, WorkRow } from '../../apps/broker/src/stores/store.ts'
import type { Create } from './writers.ts'

export interface StoredWork {
  readonly row: Pick<WorkRow, 'id' | 'name' | 'state'>
  readonly attempts: readonly Attempt[]
  readonly events: readonly Pick<StoredEvent, 'at' | 'kind' | 'attempt'>[]
}

export interface Evidence {
  /** When each kill was sent, ms since 1970. */
  readonly kills: readonly number[]
  readonly creates: readonly Create[]
  /** Nonce → how often it stands in the journals. */
  readonly journals: ReadonlyMap<string, number>
  /** Everything that the store has in the end. */
  readonly works: readonly StoredWork[]
  readonly chain: ChainReport
  /** From the last start until nothing moved any more; absent: not within the bound. */
  readonly settledMs?: number | undefined
  /** Of the broker, when it was asked to end. */
  readonly exitCode: number | null
}

export type ViolationKind =
  | 'lost'
  | 'ran twice'
  | 'did not end well'
  | 'never ended'
  | 'two attempts at a time'
  | 'broken chain'
  | 'bad exit'
  | 'too few hits'

/** One kill of so many must hit an open submission, and at least one: a run that hits fewer shows too little. */
const KILLS_PER_HIT = 3

export interface Violation {
  readonly kind: ViolationKind
  readonly detail: string
}

export interface Figures {
  readonly kills: number
  /** Kills while a site had a task whose answer the broker had not recorded. */
  readonly killsInOpenSubmissions: number
  readonly openSubmissions: number
  readonly acknowledged: number
  readonly unacknowledged: number
  readonly unacknowledgedThatRan: number
  readonly ranOnce: number
  readonly ranTwice: number
  readonly lost: number
  readonly adopted: number
  readonly absent: number
  readonly events: number
  readonly settledSeconds: number | undefined
}

export interface Judgement {
  readonly figures: Figures
  readonly violations: readonly Violation[]
}

export function judge(evidence: Evidence): Judgement {
  const { creates, journals, works, chain, kills } = evidence
  const acknowledged = creates.filter(({ id }) => id !== undefined)
  const unacknowledged = creates.filter(({ id }) => id === undefined)
  const byId = new Map<string, StoredWork>(works.map(work => [work.row.id, work]))
  const runs = ({ nonce }: Create): number => journals.get(nonce) ?? 0
  const lost = acknowledged.filter(create => runs(create) === 0 || byId.get(create.id ?? '')?.row.name !== create.nonce)
  const twice = creates.filter(create => runs(create) > 1)
  const doubts = works.flatMap(work => findDoubts(work))
  const adopted = doubts.filter(({ outcome }) => outcome === 'accept')
  const open = adopted.flatMap(({ sentAt, doubtedAt }) => kills.filter(at => sentAt <= at && at < doubtedAt).slice(0, 1))
  const hits = new Set(open).size
  return {
    figures: {
      kills: kills.length,
      killsInOpenSubmissions: hits,
      openSubmissions: open.length,
      acknowledged: acknowledged.length,
      unacknowledged: unacknowledged.length,
      unacknowledgedThatRan: unacknowledged.filter(create => runs(create) > 0).length,
      ranOnce: creates.filter(create => runs(create) === 1).length,
      ranTwice: twice.length,
      lost: lost.length,
      adopted: adopted.length,
      absent: doubts.filter(({ outcome }) => outcome === 'absent').length,
      events: chain.verified,
      settledSeconds: evidence.settledMs === undefined ? undefined : Math.round(evidence.settledMs / 1000),
    },
    violations: [
      ...lost.map(({ nonce, id }) => violation('lost', `${nonce} was acknowledged as ${id} and ran ${journals.get(nonce) ?? 0} times`)),
      ...twice.map(create => violation('ran twice', `${create.nonce} (${create.id ?? 'not acknowledged'}) ran ${runs(create)} times`)),
      ...works.flatMap(judgeEnd),
      ...works.flatMap(judgeAttempts),
      ...(evidence.settledMs === undefined ? [violation('never ended', 'the sites and the broker did not come to rest in time')] : []),
      ...(chain.brokenAt === undefined ? [] : [violation('broken chain', `the chain of events is broken at ${chain.brokenAt}`)]),
      ...(evidence.exitCode === 0 ? [] : [violation('bad exit', `the broker ended with ${evidence.exitCode}`)]),
      ...judgeHits(kills.length, hits),
    ],
  }
}

const violation = (kind: ViolationKind, detail: string): Violation => ({ kind, detail })

function judgeEnd({ row: { id, name, state } }: StoredWork): Violation[] {
  if (!isTerminal(state)) return [violation('never ended', `${id} (${name}) is still ${state}`)]
  return state === 'COMPLETE' ? [] : [violation('did not end well', `${id} (${name}) ended as ${state}`)]
}

function judgeHits(kills: number, hits: number): Violation[] {
  const wanted = Math.min(kills, Math.max(1, Math.floor(kills / KILLS_PER_HIT)))
  if (hits >= wanted) return []
  return [violation('too few hits', `only ${hits} of ${kills} kills hit an open submission; at least ${wanted} must`)]
}

/** I2: an attempt begins only when the one before can do nothing any more. */
function judgeAttempts({ row, attempts }: StoredWork): Violation[] {
  const ordered = attempts.toSorted((a, b) => a.number - b.number)
  return ordered.slice(1).flatMap((attempt, index) => {
    const before = ordered[index]
    const fencedAt = before && isFenced(before) ? (before.givenUpAt ?? before.endedAt) : undefined
    if (fencedAt !== undefined && fencedAt <= attempt.createdAt) return []
    return [violation('two attempts at a time', `attempt ${attempt.number} of ${row.id} began before the one before it was over`)]
  })
}

interface Doubt {
  readonly sentAt: number
  readonly doubtedAt: number
  /** What became clear of it, if anything. */
  readonly outcome: 'accept' | 'absent' | undefined
}

/** The submissions whose outcome was unknown for a time. */
function findDoubts({ attempts, events }: StoredWork): Doubt[] {
  return attempts.flatMap(({ id }) => {
    const own = events.filter(({ attempt }) => attempt === id)
    const sentAt = own.find(({ kind }) => kind === 'send')?.at
    const doubtedAt = own.find(({ kind }) => kind === 'doubt')?.at
    if (sentAt === undefined || doubtedAt === undefined) return []
    const outcome = own.find(({ kind }) => kind === 'accept' || kind === 'absent')?.kind
    return [{ sentAt, doubtedAt, outcome: outcome === 'accept' || outcome === 'absent' ? outcome : undefined }]
  })
}
