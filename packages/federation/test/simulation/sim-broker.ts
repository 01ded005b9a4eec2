/**
 * A broker as small as can be: it does what `plan()`, `diffSweep()` and `settleWork()` say and decides nothing but where a task goes, by chance.
 * It keeps its memory in itself, so that a crash loses it; what it wrote to the store stays.
 */
import {
  type Action,
  type Attempt,
  type AttemptEvent,
  type AttemptId,
  diffSweep,
  isFenced,
  placeAttempt,
  plan,
  type SiteId,
  type SiteTaskId,
  type SiteView,
  settleWork,
  transition,
  type WorkFate,
  type WorkId,
} from '../../src/index.ts'
import { isEnd } from '../../src/site-states.ts'
import { attemptId, siteWith } from '../tracking-builders.ts'
import { type Memory, newMemory } from './sim-memory.ts'
import type { OfferAnswer, SimSite } from './sim-site.ts'
import type { SimStore } from './sim-store.ts'
import { TIMES, type World } from './world.ts'

const SUBMIT_PAUSE_MS = 1000
const REPLACE_MS = 500

export class SimBroker {
  alive = true
  readonly #world: World
  readonly #store: SimStore
  readonly #sites: ReadonlyMap<SiteId, SimSite>
  readonly #memories = new Map<SiteId, Memory>()
  readonly #epoch: number
  readonly #since: number

  constructor(world: World, store: SimStore, sites: ReadonlyMap<SiteId, SimSite>) {
    this.#world = world
    this.#store = store
    this.#sites = sites
    this.#epoch = store.claim()
    this.#since = world.clock.now
    for (const work of store.works.keys()) this.settle(work)
    for (const id of sites.keys()) this.#wake(id)
  }

  /** Loses all memory and does nothing more. */
  crash(): void {
    this.alive = false
    if (this.#world.mistake !== 'forgetIntent') return
    for (const attempt of this.#store.attempts.values()) {
      if (attempt.state === 'INTENT' || attempt.state === 'SUBMITTING') this.#store.rollBack({ ...attempt, state: 'PLACED' })
    }
  }

  /** Something about the work item has changed, perhaps its intent. */
  settle(id: WorkId): void {
    const work = this.#store.works.get(id)
    if (!this.alive || work === undefined || isEnd(work.state)) return
    const attempts = this.#store.attemptsOf(id)
    const fate = settleWork(work, attempts, TIMES, this.#world.clock.now)
    this.#store.show(id, fate.state, this.#epoch)
    if (fate.nextAt !== undefined) this.#at(fate.nextAt, () => this.settle(id))
    for (const attempt of attempts) if (!isFenced(attempt)) this.#wake(attempt.site)
    if (fate.next === 'place' || this.#retriesTooEarly(attempts)) this.#place(id, fate, attempts.length + 1)
  }

  #retriesTooEarly(attempts: readonly Attempt[]): boolean {
    return this.#world.mistake === 'retryBeforeFenced' && attempts.at(-1)?.candidate?.state === 'SYSTEM_ERROR'
  }

  #place(work: WorkId, fate: WorkFate, number: number): void {
    const { now } = this.#world.clock
    const untried = [...this.#sites.keys()].filter(site => !fate.triedSites.includes(site))
    if (untried.length === 0) {
      this.#store.show(work, 'SYSTEM_ERROR', this.#epoch)
      return
    }
    const ready = untried.filter(site => this.#memory(site).submitsFrom <= now)
    const site = ready.find(one => one === fate.resendTo) ?? this.#world.chance.pick(ready)
    if (site === undefined) {
      this.#at(now + REPLACE_MS, () => this.settle(work))
      return
    }
    if (fate.resendTo !== undefined) this.#world.count('resent')
    const id = attemptId(`${work}-${number}`)
    const attempt = placeAttempt({ id, work, site, number, nonce: 'n', tagKeyId: 'k', epoch: this.#epoch, at: now })
    if (this.#store.add(attempt, this.#epoch)) this.#wake(site)
  }

  /** False: it does not apply, or this broker may no longer write. */
  #record(id: AttemptId, event: AttemptEvent): boolean {
    const before = this.#store.attempts.get(id)
    if (!this.alive || before === undefined) return false
    const after = transition(before, event)
    if (!after.changed) return false
    if (!this.#store.write(after.attempt, before.version, this.#epoch)) {
      this.alive = false
      this.#world.count('fenced')
      return false
    }
    this.#world.count(after.attempt.state === before.state ? event.kind : after.attempt.state)
    if (event.kind === 'giveUp') this.#world.count('givenUp')
    this.settle(after.attempt.work)
    return true
  }

  #wake(site: SiteId): void {
    const memory = this.#memory(site)
    if (memory.woken || !this.alive) return
    memory.woken = true
    this.#world.clock.after(1, () => {
      memory.woken = false
      if (this.alive) this.#tick(site, memory)
    })
  }

  #tick(site: SiteId, memory: Memory): void {
    const { actions, nextAt } = plan(this.#view(site))
    for (const action of actions) this.#execute(site, memory, action)
    if (memory.wakesAt > this.#world.clock.now && memory.wakesAt <= nextAt) return
    memory.wakesAt = nextAt
    this.#at(nextAt, () => this.#wake(site))
  }

  #execute(site: SiteId, memory: Memory, action: Action): void {
    if (action.kind === 'sweep') this.#sweep(site, memory, action.view)
    else if (action.kind === 'apply') {
      this.#record(action.attempt, action.event)
      this.#wake(site)
    } else {
      memory.inFlight.add(action.attempt)
      const done = (): void => {
        memory.inFlight.delete(action.attempt)
        this.#wake(site)
      }
      if (action.kind === 'offer') this.#offer(site, memory, action.attempt, done)
      else if (action.kind === 'withdraw') this.#withdraw(site, memory, action, done)
      else this.#ask(site, memory, action, done)
    }
  }

  #offer(site: SiteId, memory: Memory, id: AttemptId, done: () => void): void {
    const { clock, chance } = this.#world
    this.#record(id, { kind: 'intend', at: clock.now })
    this.#at(clock.now + chance.between(1, 20), () => {
      const attempt = this.#store.attempts.get(id)
      const work = attempt && this.#store.works.get(attempt.work)
      const unwanted = work === undefined || work.cancelRequestedAt !== undefined
      if (unwanted || !this.#record(id, { kind: 'send', at: clock.now })) {
        done()
        return
      }
      this.#at(clock.now + chance.between(0, 5), () => {
        if (work.cancelRequestedAt === undefined || work.cancelRequestedAt >= clock.now - 5) this.#world.count('offered')
        else this.#world.violate('I5', `${id} was sent after its cancel`)
        this.#gateway(site).offer(work.id, id, answer => {
          if (this.alive) this.#takeAnswer(memory, id, answer)
          done()
        })
      })
    })
  }

  #takeAnswer(memory: Memory, id: AttemptId, answer: OfferAnswer): void {
    const at = this.#world.clock.now
    const troubled = answer.outcome === 'rejected' && ['unsent', 'busy', 'auth'].includes(answer.rejection)
    if (troubled || answer.outcome === 'ambiguous') memory.submitsFrom = at + SUBMIT_PAUSE_MS
    else memory.lastAnswerAt = at
    if (answer.outcome === 'accepted') this.#record(id, { kind: 'accept', at, siteTaskId: answer.siteTaskId })
    else if (answer.outcome === 'rejected') this.#record(id, { kind: 'reject', at, rejection: answer.rejection, detail: 'refused' })
    else {
      this.#record(id, { kind: 'doubt', at, settleMs: TIMES.settleMs, detail: 'no answer' })
      if (this.#world.mistake !== 'resendWithoutLooking') return
      this.#record(id, { kind: 'absent', at, settleMs: 5 })
      this.#record(id, { kind: 'absent', at, settleMs: 5 })
    }
  }

  #withdraw(site: SiteId, memory: Memory, action: { attempt: AttemptId; siteTaskId: SiteTaskId }, done: () => void): void {
    this.#gateway(site).cancel(action.siteTaskId, taken => {
      const at = this.#world.clock.now
      if (taken) memory.lastAnswerAt = at
      this.#record(action.attempt, { kind: 'cancelSent', at })
      if (taken && this.alive) this.#ask(site, memory, { ...action, kind: 'look' }, done)
      else done()
    })
  }

  #ask(
    site: SiteId,
    memory: Memory,
    action: { kind: 'read' | 'look'; attempt: AttemptId; siteTaskId: SiteTaskId },
    done: () => void,
  ): void {
    const { attempt: id, kind } = action
    memory.askedAt.set(id, this.#world.clock.now)
    this.#gateway(site).read(action.siteTaskId, answer => {
      const at = this.#world.clock.now
      if (answer.outcome !== 'failed') memory.lastAnswerAt = at
      memory.reads.set(id, answer.outcome === 'failed' ? (memory.reads.get(id) ?? 0) + 1 : 0)
      if (answer.outcome === 'absent') this.#record(id, { kind: 'vanish', at })
      if (answer.outcome === 'found') {
        const { state } = answer
        this.#record(id, kind === 'read' && isEnd(state) ? { kind: 'confirm', at, state, detail: 'read' } : { kind: 'see', at, state })
      }
      done()
    })
  }

  #sweep(site: SiteId, memory: Memory, view: 'MINIMAL' | 'BASIC'): void {
    const startedAt = this.#world.clock.now
    memory.sweeping = true
    this.#gateway(site).list((tasks, complete) => {
      if (!this.alive) return
      memory.sweeping = false
      const endedAt = this.#world.clock.now
      memory.lastSweep = { startedAt, endedAt, complete, view }
      this.#wake(site)
      if (tasks === undefined) return
      memory.lastAnswerAt = endedAt
      const entries = tasks.map(({ id, state, work, attempt }) => ({
        siteTaskId: id,
        state,
        tag: view === 'BASIC' ? { work, attempt } : undefined,
      }))
      const seen = this.#view(site)
      const diff = diffSweep(seen, { site, startedAt, endedAt, complete, view, entries }, memory.understood)
      memory.understood = diff.understood
      memory.unknownIds = diff.unknownIds || (!complete && memory.unknownIds)
      if (complete) memory.quarantinedSince = diff.quarantined ? (memory.quarantinedSince ?? startedAt) : undefined
      if (diff.quarantined) this.#world.count('quarantined')
      const news = diff.events.filter(({ attempt }) => !seen.inFlight.has(attempt))
      const refused = news.filter(({ attempt, event }) => !this.#recordSwept(attempt, event))
      // A broker that was refused a write has read the listing with old eyes: it may cancel what its successor has adopted.
      for (const { siteTaskId } of refused.length === 0 ? diff.reap : []) {
        if (this.#store.endedSince(site, siteTaskId, startedAt)) continue
        this.#world.count('reaped')
        this.#gateway(site).cancel(siteTaskId, () => this.#wake(site))
      }
    })
  }

  #recordSwept(id: AttemptId, event: AttemptEvent): boolean {
    if (event.kind === 'accept') this.#world.count('adopted')
    const recorded = this.#record(id, event)
    if (event.kind === 'absent' && this.#world.mistake === 'countOneAbsentSweep') this.#record(id, event)
    return recorded
  }

  #view(site: SiteId): SiteView {
    const memory = this.#memory(site)
    const { now } = this.#world.clock
    const attempts = this.#store.attemptsAt(site, now).flatMap(attempt => {
      const work = this.#store.works.get(attempt.work)
      return work === undefined
        ? []
        : [{ attempt, work, reads: memory.reads.get(attempt.id) ?? 0, askedAt: memory.askedAt.get(attempt.id) ?? 0 }]
    })
    return {
      now,
      site: siteWith(site, { tracking: TIMES }),
      leaseSince: this.#since,
      lastAnswerAt: memory.lastAnswerAt,
      lastSweep: memory.lastSweep,
      sweeping: memory.sweeping,
      quarantinedSince: memory.quarantinedSince,
      inFlight: new Set(memory.inFlight),
      measuring: new Set(),
      unknownIds: memory.unknownIds,
      may: { submit: memory.submitsFrom <= now, list: true, get: true, cancel: true },
      window: 8,
      attempts,
    }
  }

  #memory(site: SiteId): Memory {
    const known = this.#memories.get(site)
    if (known !== undefined) return known
    const fresh = newMemory()
    this.#memories.set(site, fresh)
    return fresh
  }

  #gateway(site: SiteId): SimSite {
    const gateway = this.#sites.get(site)
    if (gateway === undefined) throw new Error(`There is no site ${site}.`)
    return gateway
  }

  #at(at: number, act: () => void): void {
    this.#world.clock.at(at, () => {
      if (this.alive) act()
    })
  }
}
