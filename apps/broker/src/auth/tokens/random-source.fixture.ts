/**
 * Chance that a seed decides, for tests: SHAKE-256 of the seed and a count.
 */
import { createHash } from 'node:crypto'
import type { RandomSource } from './random-source.ts'

export function seededRandom(seed: number): RandomSource {
  let count = 0
  return bytes => createHash('shake256', { outputLength: bytes }).update(`${seed}/${count++}`).digest()
}
