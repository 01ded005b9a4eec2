/**
 * All rows of `pnpm interop`, in the order in which they run.
 */
import { CHROMIUM_ROW } from './chromium-row.ts'
import { KEYCLOAK_ROW } from './keycloak-row.ts'
import { MTLS_ROW } from './mtls-row.ts'
import type { Row } from './row.ts'
import { s3Row } from './s3-row.ts'
import { S3PROXY } from './s3proxy.ts'
import { siteRow } from './site-row.ts'
import { VERSITYGW } from './versitygw.ts'

export const ROWS: readonly Row[] = [
  siteRow('podman'),
  siteRow('docker'),
  siteRow('bwrap'),
  MTLS_ROW,
  CHROMIUM_ROW,
  KEYCLOAK_ROW,
  s3Row(S3PROXY),
  s3Row(VERSITYGW),
]
