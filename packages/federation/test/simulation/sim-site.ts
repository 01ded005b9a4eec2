/**
 * A site that does all that sites do: it loses answers, applies requests late, makes copies, goes silent, forgets, lies for a moment.
 * What it does stays within what the design promises to bear; where it goes beyond (a request applied after the settle time) it says so.
 */
import type { TerminalState, TesState } from '@portolan/tes'
import type { AttemptId, RejectionKind, SiteId, SiteTaskId, WorkId } from '../../src/index.ts'
import { isEnd } from '../../src/site-states.ts'
import { siteId, siteTaskId } from '../tracking-builders.ts'
import { TIMES, type World } from './world.ts'

export interface SiteTask {
  readonly id: SiteTaskId
  readonly work: WorkId
  readonly attempt: AttemptId
  state: TesState
  /** Shown instead of the truth, for a moment. */
  lie?: TesState | undefined
  hidden: boolean
  /** Left out of one listing at most, and never if it hides. */
  mayBlink: boolean
  /** It came later than the settle time, or as one of two copies: no broker can help that it lives beside another. */
  readonly excused: boolean
}

export type OfferAnswer =
  | { readonly outcome: 'accepted'; readonly siteTaskId: SiteTaskId }
  | { readonly outcome: 'rejected'; readonly rejection: RejectionKind }
  | { readonly outcome: 'ambiguous' }
export type ReadAnswer = { readonly outcome: 'found'; readonly state: TesState } | { readonly outcome: 'absent' | 'failed' }

/** A lie is shorter than the time between two looks. */
const LIE_MAX_MS = TIMES.sweepMs - 600

export class SimSite {
  readonly id: SiteId
  readonly tasks = new Map<SiteTaskId, SiteTask>()
  up = true
  readonly #world: World
  readonly #onCreate: (task: SiteTask) => void
  #made = 0

  constructor(name: string, world: World, onCreate: (task: SiteTask) => void) {
    this.id = siteId(name)
    this.#world = world
    this.#onCreate = onCreate
  }

  offer(work: WorkId, attempt: AttemptId, answer: (answer: OfferAnswer) => void): void {
    const { clock, chance } = this.#world
    const travel = chance.between(5, 200)
    const rejection = this.#drawRejection()
    const lateBy = rejection === undefined ? this.#drawDelay() : undefined
    if (rejection !== undefined) clock.after(travel, () => answer({ outcome: 'rejected', rejection }))
    else if (lateBy === undefined) this.#apply(work, attempt, travel, answer)
    else {
      const excused = lateBy > TIMES.settleMs
      if (Number.isFinite(lateBy)) clock.after(TIMES.siteTimeoutMs + lateBy, () => this.#create(work, attempt, excused))
      clock.after(TIMES.siteTimeoutMs, () => answer({ outcome: 'ambiguous' }))
    }
  }

  #drawRejection(): RejectionKind | undefined {
    if (!this.up) return 'unsent'
    if (this.#world.strikes('busy', 0.04)) return 'busy'
    if (this.#world.strikes('credentialRefused', 0.02)) return 'auth'
    if (this.#world.strikes('refused', 0.02)) return 'refused'
    return this.#world.strikes('badDocument', 0.01) ? 'document' : undefined
  }

  /** How long after our time-out the request is applied, ms: for ever if it is lost, undefined if it is in time. */
  #drawDelay(): number | undefined {
    const { chance } = this.#world
    if (this.#world.strikes('requestLost', 0.06)) return Number.POSITIVE_INFINITY
    if (this.#world.strikes('appliedLate', 0.07)) return chance.between(0, TIMES.settleMs - 200)
    return this.#world.strikes('appliedTooLate', 0.01) ? TIMES.settleMs + chance.between(100, 8000) : undefined
  }

  #apply(work: WorkId, attempt: AttemptId, travel: number, answer: (answer: OfferAnswer) => void): void {
    const { clock, chance } = this.#world
    const copied = this.#world.strikes('copied', 0.03)
    const lost = this.#world.strikes('answerLost', copied ? 0.5 : 0.1)
    clock.after(travel, () => {
      const task = this.#create(work, attempt, copied)
      if (copied) this.#create(work, attempt, true)
      if (lost) clock.after(chance.between(10, TIMES.siteTimeoutMs - travel), () => answer({ outcome: 'ambiguous' }))
      else clock.after(chance.between(5, 200), () => answer({ outcome: 'accepted', siteTaskId: task.id }))
    })
  }

  /** What is shown at one moment within the answer's time; undefined: the site did not answer. */
  list(answer: (tasks: readonly SiteTask[] | undefined, complete: boolean) => void): void {
    const { clock, chance } = this.#world
    const failed = !this.up || this.#world.strikes('listFailed', 0.05)
    clock.after(chance.between(5, 100), () => {
      if (failed) {
        answer(undefined, false)
        return
      }
      const complete = !this.#world.strikes('pageFailed', 0.08)
      const shown = [...this.tasks.values()].filter(task => !task.hidden && !this.#blinks(task) && (complete || chance.is(0.5)))
      const twice = shown.filter(() => chance.is(0.1))
      const page = [...shown, ...twice].map(task => ({ ...task, state: task.lie ?? task.state }))
      clock.after(chance.between(5, 100), () => answer(page, complete))
    })
  }

  read(id: SiteTaskId, answer: (answer: ReadAnswer) => void): void {
    const { clock, chance } = this.#world
    const failed = !this.up || this.#world.strikes('readFailed', 0.08)
    clock.after(chance.between(5, 100), () => {
      const task = this.tasks.get(id)
      if (failed) answer({ outcome: 'failed' })
      else if (task === undefined || task.hidden) answer({ outcome: 'absent' })
      else answer({ outcome: 'found', state: task.lie ?? task.state })
    })
  }

  /** True if the site took the cancel. */
  cancel(id: SiteTaskId, answer: (taken: boolean) => void): void {
    const { clock, chance } = this.#world
    const lost = !this.up || this.#world.strikes('cancelLost', 0.1)
    const answered = !lost && !this.#world.strikes('cancelAnswerLost', 0.1)
    clock.after(chance.between(5, 100), () => {
      const task = this.tasks.get(id)
      if (!lost && task !== undefined && !isEnd(task.state)) this.#stop(task)
      clock.after(chance.between(5, 100), () => answer(answered && task !== undefined))
    })
  }

  forget(task: SiteTask): void {
    this.tasks.delete(task.id)
  }

  isAlive(task: SiteTask): boolean {
    return this.tasks.has(task.id) && !isEnd(task.state)
  }

  /** Some sites say CANCELED and run on for a while. */
  #stop(task: SiteTask): void {
    if (!this.#world.strikes('cancelLied', 0.15)) {
      task.state = 'CANCELED'
      return
    }
    this.#show(task, 'CANCELED')
  }

  #show(task: SiteTask, lie: TesState): void {
    task.lie = lie
    this.#world.clock.after(this.#world.chance.between(50, LIE_MAX_MS), () => {
      task.lie = undefined
    })
  }

  #create(work: WorkId, attempt: AttemptId, excused: boolean): SiteTask {
    const { chance, clock } = this.#world
    this.#made += 1
    const id = siteTaskId(`${this.id}-${this.#made}`)
    const hides = this.#world.strikes('hides', 0.05)
    const task: SiteTask = { id, work, attempt, state: 'QUEUED', hidden: false, mayBlink: !hides, excused }
    this.tasks.set(id, task)
    this.#onCreate(task)
    if (this.#world.strikes('badStateLied', 0.1)) this.#show(task, 'SYSTEM_ERROR')
    if (hides) clock.after(chance.between(0, 10_000), () => this.#hide(task))
    const starts = chance.between(50, 5000)
    const ends = starts + chance.between(50, 15_000)
    clock.after(starts, () => this.#advance(task, 'RUNNING'))
    clock.after(ends, () => this.#advance(task, this.#drawEnd()))
    return task
  }

  #hide(task: SiteTask): void {
    task.hidden = true
    this.#world.clock.after(this.#world.chance.between(50, LIE_MAX_MS), () => {
      task.hidden = false
    })
  }

  #blinks(task: SiteTask): boolean {
    if (!task.mayBlink || !this.#world.strikes('leftOut', 0.08)) return false
    task.mayBlink = false
    return true
  }

  #advance(task: SiteTask, state: TesState): void {
    if (!isEnd(task.state)) task.state = state
  }

  #drawEnd(): TerminalState {
    if (this.#world.strikes('systemError', 0.08)) return 'SYSTEM_ERROR'
    if (this.#world.strikes('preempted', 0.05)) return 'PREEMPTED'
    return this.#world.chance.is(0.1) ? 'EXECUTOR_ERROR' : 'COMPLETE'
  }
}
