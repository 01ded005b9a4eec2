/**
 * The broker's API as it is measured: the real store, owner checks, metrics, and an access log to a file; no reconciler behind it.
 */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Snapshot } from '@portolan/federation'
import { createApi } from '../../apps/broker/src/api/server.ts'
import { openAuthenticator } from '../../apps/broker/src/auth/authenticate.ts'
import { openProjects } from '../../apps/broker/src/auth/project-of.ts'
import { benchFolder, openBenchStore } from './bench-store.ts'

const store = await openBenchStore()
const accessFile = createWriteStream(join(benchFolder, 'access.log'))
const snapshot: Snapshot = { id: 'bench', at: 0, policyVersion: 'none', sites: [], locations: [], projects: [] }
const { server } = createApi({
  store,
  placer: { decide: () => Promise.reject(new Error('nothing is placed here')), recall: () => undefined },
  bus: { wake: () => undefined, subscribe: () => () => undefined, [Symbol.asyncDispose]: async () => undefined },
  projects: openProjects,
  authenticator: openAuthenticator,
  snapshot: () => snapshot,
  now: Date.now,
  log: { error: fields => console.error(fields.err) },
  accessSink: lines => void accessFile.write(lines),
  renderMetrics: () => '',
  pageTokenKey: new Uint8Array(32),
  settings: { version: 'bench', publicUrl: () => 'http://127.0.0.1', open: true, corsOrigins: [], bodyBytes: 16 * 1024 * 1024, limits: {} },
})
server.listen(0, '127.0.0.1', () => process.send?.(server.address()))
