/**
 * What the software of a site can do, by dialect. The values are fixed, so that a decision never depends on what a site says of itself.
 */
import type { Capabilities } from '@portolan/federation'

export const TES_1_1: Capabilities = {
  inputSchemes: ['http', 'https'],
  outputSchemes: ['http', 'https'],
  ignoreError: true,
  wildcards: true,
  streamable: true,
  backendParameters: [],
  maxPageSize: 2047,
}

/** `auto` means `tes-1.1` until other dialects exist; undefined: not yet supported. */
export function capabilitiesOf(dialect: string): Capabilities | undefined {
  return dialect === 'auto' || dialect === 'tes-1.1' ? TES_1_1 : undefined
}
