/**
 * The worker of one site: claims its lease, looks at its attempts, asks `plan()` what to do, and does it. Actions run side by side, each
 * records its own outcome and wakes the worker; no rule lives here.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Action, type AttemptId, isBusyWith, type Plan, plan, type SettleRules, type Site, type SiteView } from '@portolan/federation'
import { isTerminal } from '@portolan/tes'
import type { Logger } from 'pino'
import { SYSTEM } from '../auth/principal.ts'
import type { LeaseProof, Store } from '../stores/store.ts'
import type { LeaseHolder } from './lease.ts'
import type { Recorder } from './recorder.ts'
import type { SiteActions } from './site-actions.ts'
import { beginLease, pruneContact, type SiteContact } from './site-contact.ts'
import type { SiteLedger } from './site-ledger.ts'
import { type SiteRow, viewOf } from './site-view.ts'

/** After a failure that nobody foresaw (the store cannot write) the site is left alone for so long. */
const AFTER_ERROR_MS = 1_000
const ROWS_AT_ONCE = 50

export interface SiteWorkerPorts {
  readonly site: Site
  readonly store: Store
  readonly lease: LeaseHolder
  readonly contact: SiteContact
  readonly ledger: SiteLedger
  readonly actions: SiteActions
  readonly recorder: Recorder
  readonly rules: SettleRules
  readonly now: () => number
  readonly log: Logger
  readonly wake: () => void
}

export interface SiteWorker {
  /** One look at the site's attempts; starts what is to be done and answers when to look again. */
  round(signal: AbortSignal): Promise<number>
  /** How many attempts the last round looked at. */
  attempts(): number
  /** Waits for the actions under way. */
  drain(): Promise<void>
}

export function createSiteWorker(ports: SiteWorkerPorts): SiteWorker {
  const { site, store, lease, contact, ledger, actions, now, log } = ports
  const underWay = new Set<Promise<void>>()
  let epoch: number | undefined
  let restsUntil = 0
  let attempts = 0

  /** A few at a time: requests are answered between. A row may be older than the view that is made of it, so what is done about an attempt is
   *  checked again when it is written. */
  async function listRows(): Promise<readonly SiteRow[]> {
    const rows: SiteRow[] = []
    for (;;) {
      const page = store.listSiteAttempts(SYSTEM, site.id, now(), ROWS_AT_ONCE, rows.at(-1)?.attempt.id)
      rows.push(...page)
      if (page.length < ROWS_AT_ONCE) return rows
      await nextTurn()
    }
  }

  async function round(signal: AbortSignal): Promise<number> {
    if (restsUntil > now()) return restsUntil
    const proof = await lease.hold()
    if (!proof) return now() + 1000
    if (proof.epoch !== epoch) {
      epoch = proof.epoch
      beginLease(contact, now())
    }
    const { rows, view } = await look()
    attempts = rows.length
    ledger.count(rows.map(({ attempt }) => attempt))
    pruneContact(contact, new Set(rows.map(({ attempt }) => attempt.id)))
    const { actions: todo, nextAt }: Plan = plan(view)
    const byId = new Map(rows.map(row => [row.attempt.id, row]))
    for (const action of todo) start(action, byId, proof, signal)
    return Math.min(nextAt, await settleCancels(rows, proof))
  }

  /** What had a request under way at any time of the look counts as under way: its row may be from before the answer. */
  async function look(): Promise<{ readonly rows: readonly SiteRow[]; readonly view: SiteView }> {
    const before = { inFlight: [...contact.inFlight], measuring: [...contact.measuring] }
    const rows = await listRows()
    const inFlight = new Set([...before.inFlight, ...contact.inFlight])
    const measuring = new Set([...before.measuring, ...contact.measuring])
    return { rows, view: viewOf({ site, rows, now: now(), may: ledger.may(), window: ledger.window(), inFlight, measuring }, contact) }
  }

  function start(action: Action, rows: ReadonlyMap<AttemptId, SiteRow>, proof: LeaseProof, signal: AbortSignal): void {
    if (signal.aborted) return
    const doing = action.kind === 'sweep' ? sweep(action.view, proof, signal) : act(action, rows.get(action.attempt), proof, signal)
    const settled = doing
      .then(outcome => {
        if (outcome === 'fenced') lease.drop()
      })
      .catch(error => {
        if (signal.aborted) return
        restsUntil = now() + AFTER_ERROR_MS
        log.error({ err: error, site: site.id, action: action.kind }, 'an action at a site failed unexpectedly')
      })
      .finally(() => {
        underWay.delete(settled)
        ports.wake()
      })
    underWay.add(settled)
  }

  /** A cancel that a silent site does not confirm, the user's or that of a run that was too long, is shown after a time: nothing happens at the site then, so it is looked at here. */
  async function settleCancels(rows: readonly SiteRow[], proof: LeaseProof): Promise<number> {
    let nextAt = Number.POSITIVE_INFINITY
    for (const { attempt, work } of rows) {
      const since = work.cancelRequestedAt ?? attempt.overrun?.at
      if (since === undefined || isTerminal(work.state)) continue
      const at = since + ports.rules.lostAfterMs
      if (at > now()) nextAt = Math.min(nextAt, at)
      else if ((await ports.recorder.settle(proof, work.id)) === 'fenced') lease.drop()
    }
    return nextAt
  }

  async function sweep(detail: 'MINIMAL' | 'BASIC', proof: LeaseProof, signal: AbortSignal): Promise<'done' | 'fenced'> {
    if (contact.sweeping) return 'done'
    contact.sweeping = true
    try {
      return await actions.sweep(detail, async () => (await look()).view, proof, signal)
    } finally {
      contact.sweeping = false
    }
  }

  async function act(
    action: Exclude<Action, { kind: 'sweep' }>,
    row: SiteRow | undefined,
    proof: LeaseProof,
    signal: AbortSignal,
  ): Promise<'done' | 'fenced'> {
    if (!row || isBusyWith(contact, action.attempt)) return 'done'
    contact.inFlight.add(action.attempt)
    try {
      switch (action.kind) {
        case 'offer':
          return await actions.offer(row.attempt, row.work, proof, signal)
        case 'read':
          return await actions.read(row.attempt, action.siteTaskId, proof, signal)
        case 'look':
          return await actions.look(row.attempt, action.siteTaskId, proof, signal)
        case 'withdraw':
          return await actions.withdraw(row.attempt, row.work, action.siteTaskId, proof, signal)
        case 'apply':
          return await actions.apply(row.attempt, action.event, proof)
      }
    } finally {
      contact.inFlight.delete(action.attempt)
    }
  }

  return {
    round,
    attempts: () => attempts,
    async drain() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}
