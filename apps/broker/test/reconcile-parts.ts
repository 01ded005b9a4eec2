/**
 * What tests of the reconciler's parts need: a real store in a folder of its own, a clock that the test turns, sites, and work.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CAPABILITIES, type Site, type SiteId, type WorkId } from '@portolan/federation'
import { pino } from 'pino'
import { keepFolder } from '../../../test/leaks/keep-folder.ts'
import type { Principal } from '../src/auth/principal.ts'
import type { Locator } from '../src/data/locator.ts'
import { createSiteLedger, type SiteLedger } from '../src/reconcile/site-ledger.ts'
import { createSiteHealth } from '../src/sites/breaker-health.ts'
import type { SiteHealth } from '../src/sites/health.ts'
import { create, NOW, workId } from '../src/stores/contract/builders.ts'
import { openKeyRing } from '../src/stores/key-ring.ts'
import { openSqliteStore } from '../src/stores/sqlite-store.ts'
import type { NewWork, Store } from '../src/stores/store.ts'

export const SILENT = pino({ level: 'silent' })
export const RULES = { maxRetries: 3, lostAfterMs: 60_000 }

export interface Parts extends AsyncDisposable {
  readonly store: Store
  /** ms since 1970; the test may set it. */
  at: number
  readonly now: () => number
  /** A work item of its own number, oldest first. */
  submit(principal: Principal, changes?: Partial<NewWork>): Promise<WorkId>
}

export async function openParts(): Promise<Parts> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-reconcile-'))
  const store = await openSqliteStore({ path: join(folder, 'portolan.db'), keys: await openKeyRing(join(folder, 'keys')) })
  let count = 0
  const parts: Parts = {
    store,
    at: NOW,
    now: () => parts.at,
    async submit(principal, changes) {
      count += 1
      return await create(store, workId(count), changes, principal)
    },
    async [Symbol.asyncDispose]() {
      keepFolder(folder, 'a reconciler')
      await store[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return parts
}

/** A site in Germany without rules. */
export function siteOf(id: string, changes: Partial<Site> = {}): Site {
  return {
    id: id as SiteId,
    name: id,
    api: 'tes',
    open: false,
    place: { country: 'DE' },
    capacity: {},
    network: { defaultMbps: 100, from: {} },
    limits: { requestsPerSecond: 50, maxIdleTasks: 20, maxDocumentBytes: 262_144 },
    holds: [],
    maxSensitivity: 'controlled',
    policy: {},
    draining: false,
    capabilities: CAPABILITIES['tes-1.1'],
    tracking: {
      sweepMs: 1_000,
      settleMs: 1_000,
      siteTimeoutMs: 1_000,
      staleAfterMs: 5_000,
      lostAfterMs: 60_000,
      maxRetries: 3,
      measureMs: 1_000,
    },
    ...changes,
  }
}

export interface Ledgers {
  readonly ledgers: ReadonlyMap<SiteId, SiteLedger>
  readonly health: ReadonlyMap<SiteId, SiteHealth>
}

export function openLedgers(sites: readonly Site[], now: () => number): Ledgers {
  const health = new Map(sites.map(site => [site.id, createSiteHealth(site, now)]))
  const ledgers = new Map<SiteId, SiteLedger>()
  for (const site of sites) {
    const own = health.get(site.id)
    if (own) ledgers.set(site.id, createSiteLedger(site, own, now))
  }
  return { ledgers, health }
}

/** Knows of no place, so that every size is assumed. */
export const NOWHERE: Locator = {
  find: () => [],
  locate: async inputs => inputs.map(() => ({ replicas: [], bytes: 1_000, files: 1, assumed: true })),
}
