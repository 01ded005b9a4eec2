/**
 * What the brokers of a test leave behind, handed in as it comes: whoever watches searches it, and may throw it away.
 */
import { findLeaks } from './find-leaks.ts'
import type { Needle } from './needles.ts'

export const PLACES = ['database', 'write-ahead log', 'log', 'access log', 'metrics', 'error body'] as const
export type Place = (typeof PLACES)[number]

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
  /** Bytes that were searched. */
  searched(): Readonly<Record<Place, number>>
  end(): void
}

type Take = (place: Place, of: string, bytes: Buffer) => void
const watching = new Set<Take>()

/** Hands something in. `of` says to a person where it comes from. */
export function keep(place: Place, of: string, bytes: Buffer | string): void {
  const whole = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  for (const take of watching) take(place, of, whole)
}

/** Small things are searched together. */
const TOGETHER_BYTES = 1024 * 1024

/** Searches all that is handed in from now on. */
export function watchRemains(needles: readonly Needle[]): Watch {
  const found: Finding[] = []
  const searched = Object.fromEntries(PLACES.map(place => [place, 0])) as Record<Place, number>
  const waiting = new Map<string, { readonly place: Place; readonly of: string; readonly parts: Buffer[]; bytes: number }>()

  const search = (place: Place, of: string, bytes: Buffer): void => {
    for (const leak of findLeaks(bytes, needles)) found.push({ place, of, ...leak })
  }
  const flush = (): void => {
    for (const { place, of, parts } of waiting.values()) search(place, of, Buffer.concat(parts))
    waiting.clear()
  }
  const take: Take = (place, of, bytes) => {
    searched[place] += bytes.byteLength
    if (bytes.byteLength >= TOGETHER_BYTES) return search(place, of, bytes)
    const key = `${place}\n${of}`
    const pile = waiting.get(key) ?? { place, of, parts: [], bytes: 0 }
    waiting.set(key, pile)
    pile.parts.push(bytes)
    pile.bytes += bytes.byteLength
    if (pile.bytes < TOGETHER_BYTES) return
    waiting.delete(key)
    search(place, of, Buffer.concat(pile.parts))
  }
  watching.add(take)
  return {
    findings() {
      flush()
      return found
    },
    searched: () => searched,
    end: () => void watching.delete(take),
  }
}

/** For a person: where it was found, without a letter of the secret. */
export function describeFinding({ place, of, what, at }: Finding): string {
  return `${what} stands in the ${place} of ${of}, at byte ${at}`
}
