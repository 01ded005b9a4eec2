/**
 * The one source of chance for everything secret: so many bytes that nobody can guess. Tests pass one that can be played again.
 */
import { randomBytes } from 'node:crypto'

export type RandomSource = (bytes: number) => Uint8Array

export const secureRandom: RandomSource = bytes => randomBytes(bytes)
