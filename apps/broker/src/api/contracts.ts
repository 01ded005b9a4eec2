/**
 * The contracts that this server keeps, as it hands them out.
 */
import { readFileSync } from 'node:fs'

const CONTRACT_NAMES = ['tes-1.1.yaml', 'portolan-1.yaml'] as const

/** The text of every contract, read once. */
export function readContracts(): ReadonlyMap<string, string> {
  return new Map(CONTRACT_NAMES.map(name => [name, readFileSync(new URL(`../../../../openapi/${name}`, import.meta.url), 'utf8')]))
}
