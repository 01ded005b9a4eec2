/**
 * A store in memory with the promises of the real one: compare-and-set by version, no write under an old lease, all of a command or nothing.
 * It watches every write for what must never happen.
 */
import type { TesState } from '@portolan/tes'
import { type Attempt, type AttemptId, isFenced, isFinal, isLegalPath, type SiteId, type SiteTaskId, type WorkId } from '../../src/index.ts'
import { isEnd } from '../../src/site-states.ts'
import type { World } from './world.ts'

export interface SimWork {
  readonly id: WorkId
  readonly rerunnable: boolean
  readonly maxRunMs?: number | undefined
  state: TesState
  cancelRequestedAt?: number | undefined
  readonly path: TesState[]
}

export class SimStore {
  readonly works = new Map<WorkId, SimWork>()
  readonly attempts = new Map<AttemptId, Attempt>()
  readonly #world: World
  readonly #byWork = new Map<WorkId, AttemptId[]>()
  #epoch = 0

  constructor(world: World) {
    this.#world = world
  }

  create(id: WorkId, rerunnable: boolean, maxRunMs?: number): void {
    this.works.set(id, { id, rerunnable, maxRunMs, state: 'QUEUED', path: ['QUEUED'] })
  }

  requestCancel(id: WorkId, at: number): void {
    const work = this.works.get(id)
    if (work === undefined || isEnd(work.state)) return
    work.cancelRequestedAt ??= at
  }

  claim(): number {
    this.#epoch += 1
    return this.#epoch
  }

  attemptsOf(work: WorkId): readonly Attempt[] {
    return (this.#byWork.get(work) ?? []).flatMap(id => this.attempts.get(id) ?? [])
  }

  /** Those of a site that are not over, or still watched. */
  attemptsAt(site: SiteId, now: number): readonly Attempt[] {
    return [...this.attempts.values()].filter(
      attempt => attempt.site === site && (attempt.end === undefined || attempt.endedAt === undefined || (attempt.watchUntil ?? 0) >= now),
    )
  }

  /** The attempt of this task has ended, and not before `since`. */
  endedSince(site: SiteId, task: SiteTaskId, since: number): boolean {
    const known = [...this.attempts.values()].find(attempt => attempt.site === site && attempt.siteTaskId === task)
    return known?.end !== undefined && known.givenUpAt === undefined && (known.endedAt ?? 0) >= since
  }

  /** False: refused, nothing was written. */
  add(attempt: Attempt, epoch: number): boolean {
    const work = this.works.get(attempt.work)
    if (epoch !== this.#epoch || work === undefined || isEnd(work.state) || work.cancelRequestedAt !== undefined) return this.#refuse()
    const open = this.attemptsOf(attempt.work).filter(other => !isFenced(other))
    const tooLong = this.attemptsOf(attempt.work).find(other => other.overrun !== undefined)
    if (tooLong !== undefined) this.#world.violate('I1', `${attempt.id} begins though ${tooLong.id} ran too long`)
    if (open.length > 0) this.#world.violate('I2', `${attempt.id} begins while ${open[0]?.id} is ${open[0]?.state}`)
    this.attempts.set(attempt.id, attempt)
    this.#byWork.set(attempt.work, [...(this.#byWork.get(attempt.work) ?? []), attempt.id])
    return true
  }

  write(attempt: Attempt, expectedVersion: number, epoch: number): boolean {
    const known = this.attempts.get(attempt.id)
    if (epoch !== this.#epoch || known === undefined || known.version !== expectedVersion) return this.#refuse()
    if (isFinal(known)) this.#world.violate('I3', `${known.id} was ${known.state} and became ${attempt.state}`)
    if (attempt.version !== known.version + 1 || epoch < known.epoch) this.#world.violate('I6', `${known.id} version ${attempt.version}`)
    this.attempts.set(attempt.id, { ...attempt, epoch })
    return true
  }

  show(id: WorkId, state: TesState, epoch: number): void {
    const work = this.works.get(id)
    if (work === undefined || epoch !== this.#epoch || work.state === state) return
    if (isEnd(work.state)) this.#world.violate('I3', `${id} was ${work.state} and became ${state}`)
    work.path.push(state)
    if (!isLegalPath(work.path)) this.#world.violate('I7', `${id}: ${work.path.join(' ')}`)
    work.state = state
  }

  /** Puts an attempt back as it was: what a store would do that does not keep its word. */
  rollBack(attempt: Attempt): void {
    this.attempts.set(attempt.id, attempt)
  }

  #refuse(): boolean {
    this.#world.count('writeRefused')
    return false
  }
}
