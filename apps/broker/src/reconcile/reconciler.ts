/**
 * The reconciler: compares what people want with what sites show, and acts. One dispatcher, one worker per site, one sequencer of events,
 * each a loop of its own under its own lease, woken by the bus and by a scan at least once a second.
 */
import { isFinal, type Location, type ProjectId, type SettleRules, type SiteId } from '@portolan/federation'
import type { Logger } from 'pino'
import type { Bus } from '../bus/bus.ts'
import type { Links } from '../data/links.ts'
import type { Locator } from '../data/locator.ts'
import type { OutputMeasurer } from '../data/output-measurer.ts'
import type { SiteGateway } from '../sites/gateway.ts'
import type { Store } from '../stores/store.ts'
import { newAttemptId, newNonce } from './attempt-id.ts'
import type { DecisionArchive } from './decision-archive.ts'
import { createDispatcher } from './dispatcher.ts'
import { createHeldWork } from './held-work.ts'
import { createLearnTransfer } from './learn-transfer.ts'
import { createLeaseHolder, type LeaseHolder } from './lease.ts'
import type { ReconcileObserver } from './observer.ts'
import { createOfferGuard } from './offer-guard.ts'
import type { PlantedFaults } from './planted-faults.ts'
import type { ProjectUse } from './project-use.ts'
import { createRecorder } from './recorder.ts'
import { createSequencer } from './sequencer.ts'
import { createSiteActions } from './site-actions.ts'
import { createSiteContact } from './site-contact.ts'
import type { SiteLedger } from './site-ledger.ts'
import { createSiteWorker, type SiteWorker } from './site-worker.ts'
import type { SnapshotSource } from './snapshot-source.ts'
import type { TaskSight } from './task-sight.ts'
import type { TaskTags } from './task-tags.ts'
import type { Unanswered } from './unanswered.ts'
import { startWakeLoop, type WakeLoop } from './wake-loop.ts'
import { createWorkQueue } from './work-queue.ts'

/** Every loop looks by itself at least this often: the bus may lose any message. */
const SCAN_MS = 1_000
/** Wake-ups within this time become one round; longer where a round has much to look at, so that rounds leave most of the time to requests. */
const GAP_MS = 5
const GAP_MS_PER_ATTEMPT = 0.1
/** A stop leaves this much of its time for writing down what was cut. */
const STOP_RESERVE_MS = 1_000

export interface ReconcilerPorts {
  readonly store: Store
  readonly bus: Bus
  readonly locator: Locator
  readonly links: Links
  readonly measurer: OutputMeasurer
  readonly gateways: ReadonlyMap<SiteId, SiteGateway>
  readonly ledgers: ReadonlyMap<SiteId, SiteLedger>
  readonly snapshots: SnapshotSource
  readonly use: ProjectUse
  readonly sights: TaskSight
  readonly archive: DecisionArchive
  readonly tags: TaskTags
  readonly unanswered: Pick<Unanswered, 'has'>
  readonly rules: SettleRules
  readonly replica: string
  /** How long its leases outlive their last renewal. */
  readonly leaseTtlMs: number
  readonly now: () => number
  readonly log: Logger
  readonly observer: ReconcileObserver
  readonly faults: PlantedFaults
}

export interface Reconciler {
  /** Ends all loops: no new action starts, requests under way are cut shortly before `withinMs` have passed, leases are given back. */
  stop(withinMs: number): Promise<void>
}

export function startReconciler(ports: ReconcilerPorts): Reconciler {
  const { store, bus, now, log, snapshots, ledgers, observer } = ports
  const acting = new AbortController()
  const leases: LeaseHolder[] = []
  const loops: WakeLoop[] = []
  const workers: SiteWorker[] = []
  const unsubscribe: (() => void)[] = []

  const hold = (name: string): LeaseHolder => {
    const lease = createLeaseHolder(store, name, ports.replica, ports.leaseTtlMs, now, log)
    leases.push(lease)
    return lease
  }
  const loop = (name: string, round: (signal: AbortSignal) => Promise<number>, attempts = () => 0): WakeLoop => {
    const started = startWakeLoop({
      round,
      now,
      maxIdleMs: SCAN_MS,
      minGapMs: () => Math.max(GAP_MS, GAP_MS_PER_ATTEMPT * attempts()),
      onError: err => log.error({ err, loop: name }, 'a round failed'),
    })
    loops.push(started)
    return started
  }

  const guard = createOfferGuard(ports.locator, snapshots, ports.sights, now)
  const held = createHeldWork(now)
  const dispatcher = createDispatcher({
    ...ports,
    queue: createWorkQueue(store, now),
    held,
    guard,
    lease: hold('dispatch'),
    newAttemptId: () => newAttemptId(now()),
    newNonce,
    tagKeyId: () => ports.tags.keyId(),
  })
  const dispatching = loop('dispatch', signal => dispatcher.round(signal))
  unsubscribe.push(bus.subscribe('dispatch', () => dispatching.wake()))

  const recorder = createRecorder(store, ports.rules, now, {
    changed(site, before, after, fate) {
      const room = ledgers.get(site)?.record(before, after, now())
      if (after.end && !before?.end) observer.attemptEnded(site, after.end.outcome)
      if (isFinal(after)) guard.forget(after.id)
      if (room || fate.next === 'place') dispatching.wake()
    },
    ended: state => observer.taskEnded(state),
  })

  const locations = (): readonly Location[] => snapshots.compiled(now()).snapshot.locations
  const placesOf = (project: ProjectId): readonly string[] => snapshots.compiled(now()).projects.get(project)?.owns ?? []
  for (const [id, gateway] of ports.gateways) {
    const ledger = ledgers.get(id)
    if (!ledger) continue
    const site = ledger.site
    const contact = createSiteContact()
    const actions = createSiteActions({
      site,
      gateway,
      store,
      recorder,
      contact,
      ledger,
      learn: createLearnTransfer({ store, locator: ports.locator, ledger, locations, now }),
      tags: ports.tags,
      guard,
      links: ports.links,
      held,
      measurer: ports.measurer,
      locations,
      placesOf,
      faults: ports.faults,
      observer,
      now,
      log,
    })
    const wake = (): void => working.wake()
    const worker = createSiteWorker({
      site,
      store,
      lease: hold(`site:${id}`),
      contact,
      ledger,
      actions,
      recorder,
      rules: ports.rules,
      now,
      log,
      wake,
    })
    const working = loop(
      `site:${id}`,
      () => worker.round(acting.signal),
      () => worker.attempts(),
    )
    workers.push(worker)
    unsubscribe.push(bus.subscribe(`site:${id}`, wake))
  }

  const sequencer = createSequencer(store, hold('events'), bus, now)
  loop('events', signal => sequencer.round(signal))

  return {
    async stop(withinMs) {
      for (const end of unsubscribe) end()
      const grace = setTimeout(() => acting.abort(), withinMs - STOP_RESERVE_MS)
      await Promise.all(loops.map(running => running.stop()))
      await Promise.all(workers.map(worker => worker.drain()))
      clearTimeout(grace)
      acting.abort()
      // What cannot be given back ends by itself.
      await Promise.allSettled(leases.map(lease => lease.release()))
    },
  }
}
