/**
 * All rows of `pnpm interop`, in the order in which they run.
 */
import { MTLS_ROW } from './mtls-row.ts'
import type { Row } from './row.ts'
import { siteRow } from './site-row.ts'

export const ROWS: readonly Row[] = [siteRow('podman'), siteRow('docker'), siteRow('bwrap'), MTLS_ROW]
