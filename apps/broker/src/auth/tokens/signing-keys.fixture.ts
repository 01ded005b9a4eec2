/**
 * Signing keys for tests: `k0`, `k1` and so on, made at the given times.
 */
import { generateKeyPairSync } from 'node:crypto'
import type { SigningKey, SigningKeys } from './signing-keys.ts'

export function makeSigningKeys([first, ...rest]: readonly [number, ...number[]]): SigningKeys {
  return [makeSigningKey('k0', first), ...rest.map((createdAt, index) => makeSigningKey(`k${index + 1}`, createdAt))]
}

function makeSigningKey(id: string, createdAt: number): SigningKey {
  return { id, createdAt, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) }
}
