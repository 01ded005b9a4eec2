/**
 * What tests of the actions at a site need: a fake site and the gateway to it, a real store and recorder, tags that are signed by a fixed key,
 * and an attempt that was placed there.
 */
import { createHmac } from 'node:crypto'
import {
  type Attempt,
  type Location,
  mapPaths,
  type SiteId,
  type SiteTaskId,
  type SiteView,
  type StagingPlan,
  type WorkId,
} from '@portolan/federation'
import { createFakeSite, type FakeSite } from '@portolan/tes/testing'
import { SYSTEM } from '../src/auth/principal.ts'
import type { Links } from '../src/data/links.ts'
import type { Locator } from '../src/data/locator.ts'
import type { OutputMeasurer } from '../src/data/output-measurer.ts'
import { createStoreMeasurer } from '../src/data/store-measurer.ts'
import type { SiteAccess } from '../src/http/access.ts'
import { createLearnTransfer } from '../src/reconcile/learn-transfer.ts'
import type { OfferGuard } from '../src/reconcile/offer-guard.ts'
import type { PlantedFaults } from '../src/reconcile/planted-faults.ts'
import { createRecorder } from '../src/reconcile/recorder.ts'
import { createSiteActions, type SiteActions } from '../src/reconcile/site-actions.ts'
import { createSiteContact, type SiteContact } from '../src/reconcile/site-contact.ts'
import type { SiteLedger } from '../src/reconcile/site-ledger.ts'
import { viewOf } from '../src/reconcile/site-view.ts'
import { createTaskTags, type TagSigner, type TaskTags } from '../src/reconcile/task-tags.ts'
import { createTesGateway } from '../src/sites/push-gateway.ts'
import { ADA, claim, decide, newAttempt, SITE } from '../src/stores/contract/builders.ts'
import type { LeaseProof, NewWork, WorkRow } from '../src/stores/store.ts'
import { NOWHERE, openLedgers, openParts, type Parts, RULES, SILENT, siteOf } from './reconcile-parts.ts'

const NOBODY_ASKED = createStoreMeasurer({
  stores: { at: () => undefined },
  health: { condition: () => ({ state: 'unknown' }) },
  observer: { measured: () => undefined },
  now: Date.now,
})
const KEY = 'k1'
const SIGNER: TagSigner = {
  sign: text => ({ keyId: KEY, mac: macOf(text) }),
  verify: (text, keyId, mac) => keyId === KEY && mac === macOf(text),
  keyId: () => KEY,
}

function macOf(text: string): string {
  return createHmac('sha256', 'a key of the tests').update(text).digest('base64url')
}

export interface ActionParts extends AsyncDisposable {
  readonly parts: Parts
  readonly site: FakeSite
  readonly contact: SiteContact
  readonly tags: TaskTags
  readonly actions: SiteActions
  readonly lease: LeaseProof
  readonly signal: AbortSignal
  /** What the observer was told, oldest first. */
  readonly observed: readonly string[]
  /** Work that was left alone for a while, and for how long, ms. */
  readonly postponed: readonly (readonly [work: WorkId, forMs: number | undefined])[]
  readonly ledger: SiteLedger
  /** A work item with an attempt that was placed at the site, or is as `changes` say. */
  place(changes?: Partial<Attempt>, work?: Partial<NewWork>): Promise<{ readonly row: WorkRow; readonly attempt: Attempt }>
  /** The same, offered and taken: with the id that the site gave it. */
  send(work?: Partial<NewWork>): Promise<{ readonly row: WorkRow; readonly attempt: Attempt; readonly id: SiteTaskId }>
  attemptOf(work: WorkId): Attempt
  rowOf(work: WorkId): WorkRow
  /** The site's attempts as they are. */
  readonly look: () => Promise<SiteView>
}

export interface ActionChoices {
  /** Default: no location is declared, so nobody is asked. */
  readonly measurer?: OutputMeasurer
  /** Why the last look lets nothing pass. */
  readonly forbids?: string
  readonly faults?: PlantedFaults
  /** Default: knows of no place. */
  readonly locator?: Locator
  /** Declared locations, also when they change meanwhile. Default: none. */
  readonly locations?: readonly Location[]
  /** Where the results of its project go. Default: nowhere. */
  readonly results?: readonly string[]
  /** Default: the last look says that the site gets each input as it is. */
  readonly staging?: StagingPlan
  /** Makes links. Default: none can be made. */
  readonly stage?: Links['stage']
  /** Default: that of the broker itself. */
  readonly asPerson?: SiteAccess['asPerson']
}

function judgeBy(why: string | undefined, staging: StagingPlan, locations: readonly Location[]): OfferGuard['judge'] {
  return async (written, { project }) => {
    if (why !== undefined) return { outcome: 'forbidden', why }
    const { task, met } = mapPaths(written, locations, project)
    return { outcome: 'admitted', task, met, staging }
  }
}

const AS_IT_IS: StagingPlan = { forms: [], wishes: [], looks: [] }

export async function openActions(choices: ActionChoices = {}): Promise<ActionParts> {
  const {
    forbids,
    faults = {},
    locator = NOWHERE,
    locations = [],
    results = [],
    staging = AS_IT_IS,
    stage = async () => [],
    asPerson,
    measurer = NOBODY_ASKED,
  } = choices
  const parts = await openParts()
  const fake = await createFakeSite({ clock: parts.now, progress: 'manual' })
  const site = siteOf(SITE)
  const gateway = createTesGateway({ site, url: fake.url, access: { fetch, stream: fetch, asPerson }, concurrentRequests: 4 })
  const ledger = openLedgers([site], parts.now).ledgers.get(site.id)
  if (!ledger) throw new Error('the ledger is missing')
  const contact = createSiteContact()
  const tags = createTaskTags('broker-1', SIGNER)
  const observed: string[] = []
  const postponed: [WorkId, number | undefined][] = []
  const { store } = parts
  const actions = createSiteActions({
    site,
    gateway,
    store,
    recorder: createRecorder(store, RULES, parts.now, { changed: () => undefined, ended: () => undefined }),
    contact,
    ledger,
    learn: createLearnTransfer({ store, locator, ledger, locations: () => locations, now: parts.now }),
    tags,
    guard: { trust: () => undefined, forget: () => undefined, judge: judgeBy(forbids, staging, locations) },
    links: { stage, forPerson: async () => undefined },
    held: { postpone: (work, forMs) => postponed.push([work, forMs]) },
    measurer,
    locations: () => locations,
    placesOf: () => results,
    faults,
    observer: {
      decided: () => undefined,
      taskEnded: () => undefined,
      attemptEnded: () => undefined,
      offered: (where: SiteId, outcome) => observed.push(`offered at ${where}: ${outcome}`),
      swept: (where: SiteId, complete, _ms, tasks) =>
        observed.push(`swept ${where}: ${complete ? 'complete' : 'not complete'}, ${tasks} tasks`),
    },
    now: parts.now,
    log: SILENT,
  })
  const lease = await claim(store)
  const { signal } = new AbortController()

  const rowOf = (work: WorkId): WorkRow => {
    const row = store.getWork(SYSTEM, work)
    if (!row) throw new Error(`there is no work item ${work}`)
    return row
  }
  const attemptOf = (work: WorkId): Attempt => {
    const [attempt] = store.getAttempts(SYSTEM, work)
    if (!attempt) throw new Error(`the work item ${work} has no attempt`)
    return attempt
  }
  const place: ActionParts['place'] = async (changes, work) => {
    const id = await parts.submit(ADA, work)
    await decide(store, lease, newAttempt(id, { tagKeyId: KEY, ...changes }))
    return { row: rowOf(id), attempt: attemptOf(id) }
  }
  return {
    parts,
    site: fake,
    contact,
    tags,
    actions,
    lease,
    signal,
    observed,
    postponed,
    ledger,
    place,
    async send(work) {
      const placed = await place({}, work)
      await actions.offer(placed.attempt, placed.row, lease, signal)
      const attempt = attemptOf(placed.row.id)
      if (attempt.siteTaskId === undefined) throw new Error(`the site has not taken ${attempt.id}: it is ${attempt.state}`)
      return { row: rowOf(placed.row.id), attempt, id: attempt.siteTaskId }
    },
    attemptOf,
    rowOf,
    look: async () => {
      const rows = store.listSiteAttempts(SYSTEM, site.id, parts.now(), 1_000, undefined)
      const inFlight = new Set(contact.inFlight)
      const measuring = new Set(contact.measuring)
      return viewOf({ site, rows, now: parts.now(), may: ledger.may(), window: ledger.window(), inFlight, measuring }, contact)
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]()
      await fake[Symbol.asyncDispose]()
      await parts[Symbol.asyncDispose]()
    },
  }
}
