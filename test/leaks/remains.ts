/**
 * What the brokers of a test leave behind, handed in as it comes: whoever watches searches it, and may throw it away.
 */
import { findLeaks } from './find-leaks.ts'
import type { Needle } from './needles.ts'

/** Where no secret may be, and where none may be but what somebody has asked for: a token for who makes one. There only links are looked for. */
export const PLACES = ['database', 'write-ahead log', 'log', 'access log', 'metrics', 'error body'] as const
export const TOLD_PLACES = ['answer', 'command output'] as const
export type Place = (typeof PLACES)[number] | (typeof TOLD_PLACES)[number]
const ALL_PLACES: readonly Place[] = [...PLACES, ...TOLD_PLACES]

/** Bytes that were searched. */
export type Searched = Readonly<Record<Place, number>>

export interface Finding {
  readonly place: Place
  /** Which of them. */
  readonly of: string
  readonly what: string
  readonly at: number
}

export interface Watch {
  /** What was found since the watch began; each once for what it was found in. */
  findings(): readonly Finding[]
  searched(): Searched
  end(): void
}

type Take = (place: Place, of: string, bytes: Buffer) => void
const watching = new Set<Take>()

/** Hands something in. `of` says to a person where it comes from. */
export function keep(place: Place, of: string, bytes: Buffer | string): void {
  const whole = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  for (const take of watching) take(place, of, whole)
}

const MIB = 1024 * 1024
/** Small things are searched together. */
const TOGETHER_BYTES = MIB
/** The end of what was searched is searched with what follows too, since a secret may stand astride. Longer than any needle with what must follow. */
const OVERLAP_BYTES = 1024

interface Pile {
  readonly place: Place
  readonly of: string
  readonly parts: Buffer[]
  bytes: number
}

/** Searches all that is handed in from now on. */
export function watchRemains(needles: readonly Needle[]): Watch {
  const found = new Map<string, Finding>()
  const searched: Record<Place, number> = addSearched([])
  const waiting = new Map<string, Pile>()
  const links = needles.filter(({ isLink }) => isLink)
  const needlesAt = (place: Place): readonly Needle[] => (TOLD_PLACES.some(told => told === place) ? links : needles)

  const search = ({ place, of, parts }: Pile): Buffer => {
    const [only = Buffer.alloc(0)] = parts
    const bytes = parts.length === 1 ? only : Buffer.concat(parts)
    for (const leak of findLeaks(bytes, needlesAt(place))) {
      const finding = { place, of, ...leak }
      const key = [place, of, leak.what].join('\n')
      if (!found.has(key)) found.set(key, finding)
    }
    return bytes
  }
  const take: Take = (place, of, bytes) => {
    searched[place] += bytes.byteLength
    const key = `${place}\n${of}`
    const pile = waiting.get(key) ?? { place, of, parts: [], bytes: 0 }
    waiting.set(key, pile)
    pile.parts.push(bytes)
    pile.bytes += bytes.byteLength
    if (pile.bytes < TOGETHER_BYTES) return
    const end = Buffer.from(search(pile).subarray(-OVERLAP_BYTES))
    waiting.set(key, { place, of, parts: [end], bytes: 0 })
  }
  watching.add(take)
  return {
    findings() {
      for (const pile of waiting.values()) search(pile)
      waiting.clear()
      return [...found.values()]
    },
    searched: () => searched,
    end: () => void watching.delete(take),
  }
}

export function addSearched(sums: readonly Searched[]): Record<Place, number> {
  const total = (place: Place): number => sums.reduce((sum, one) => sum + one[place], 0)
  return Object.fromEntries(ALL_PLACES.map(place => [place, total(place)])) as Record<Place, number>
}

/** For a person. */
export function saySearched(searched: Searched): string {
  return `searched for secrets: ${ALL_PLACES.map(place => `${(searched[place] / MIB).toFixed(1)} MiB of ${place}`).join(', ')}`
}

/** For a person: where they were found, without a letter of the secrets. */
export function sayFindings(findings: readonly Finding[]): string {
  const lines = findings.map(({ place, of, what, at }) => `${what} stands in the ${place} of ${of}, at byte ${at}`)
  return ['Secrets were left behind:', ...lines].join('\n')
}
