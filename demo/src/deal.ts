/**
 * Deals the files to the sites: the same for the same seed, and never so that a task of the demo would lose its point.
 * What is not public never goes to SURF.
 */
import { type FileName, SITE_FACTS, SITES, type SiteName } from './world.ts'

export type Deal = Readonly<Record<FileName, SiteName>>

const USUAL: Deal = {
  'HG00100.fq': 'charite',
  'HG00101.fq': 'bielefeld',
  'HG00102.fq': 'charite',
  'chr17-head.fa': 'bielefeld',
  'celegans-I.fa': 'surf',
  'celegans-mt.fa': 'surf',
  'lambda.fa': 'surf',
  'lambda-reads.fq': 'bielefeld',
}

/** Without a seed the usual deal. The seed may be any text, such as a commit id. */
export function dealFiles(seed: string | undefined): Deal {
  if (seed === undefined || seed === '') return USUAL
  const random = randomOf(seed)
  const pick = <T>(from: readonly T[]): T => {
    const chosen = from[Math.floor(random() * from.length)]
    if (chosen === undefined) throw new Error('there is nothing to pick from')
    return chosen
  }
  const closed = SITES.filter(site => !SITE_FACTS[site].open)
  const first = pick(closed)
  const reads = pick(SITES)
  return {
    // Each of the closed sites has a person of its own.
    'HG00100.fq': first,
    'HG00101.fq': pick(closed.filter(site => site !== first)),
    'HG00102.fq': pick(closed),
    'chr17-head.fa': pick(SITES),
    // Lies at the site that is too small to work on it, so that the work must go elsewhere.
    'celegans-I.fa': 'surf',
    // In another country than the larger file that it is compared with.
    'celegans-mt.fa': pick(SITES.filter(site => SITE_FACTS[site].country !== SITE_FACTS[reads].country)),
    'lambda.fa': pick(SITES.filter(site => site !== reads)),
    'lambda-reads.fq': reads,
  }
}

/** A small generator of numbers in [0, 1), seeded by a text (FNV-1a, then mulberry32). */
function randomOf(seed: string): () => number {
  let state = 0x811c9dc5
  for (const character of seed) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
