/**
 * What the software behind a dialect can do. One fixed record for each dialect that is known.
 */
import type { Capabilities } from './site.ts'

const TES_1_1: Capabilities = {
  inputSchemes: ['https', 'http', 's3', 'ftp'],
  outputSchemes: ['https', 'http', 's3', 'ftp'],
  ignoreError: true,
  wildcards: true,
  streamable: true,
  backendParameters: [],
  maxPageSize: 2047,
}

export const CAPABILITIES = { 'tes-1.1': TES_1_1 } as const satisfies Record<string, Capabilities>

/** The record of a dialect; `auto` means `tes-1.1`; undefined for a name that is not known. */
export function capabilitiesOf(dialect: string): Capabilities | undefined {
  if (dialect === 'auto') return TES_1_1
  return Object.entries(CAPABILITIES).find(([name]) => name === dialect)?.[1]
}
