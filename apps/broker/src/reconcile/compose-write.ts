/**
 * Turns what happened to one attempt into the writes of one store command: the attempt step by step, and the work item as it follows from it.
 * Pure; the store then takes all of it or nothing.
 */
import {
  type Attempt,
  type AttemptEvent,
  type AttemptId,
  type SettleRules,
  settleWork,
  transition,
  type WorkFate,
} from '@portolan/federation'
import type { AttemptWrite, NewOutput, WorkRow, WorkWrite } from '../stores/store.ts'

/** What the FULL read and the stores brought, kept with the work item if this attempt turns out to be the one that counts. */
export interface Evidence {
  readonly logText?: string | undefined
  readonly outputs?: readonly NewOutput[] | undefined
  /** Lines for the system logs about what is not among the outputs. */
  readonly warnings?: readonly string[] | undefined
}

export interface ComposedWrite {
  readonly attempts: readonly AttemptWrite[]
  readonly work: WorkWrite | undefined
  readonly fate: WorkFate
}

/** Answers undefined if none of the events changes the attempt. */
export function composeWrite(
  work: WorkRow,
  attempts: readonly Attempt[],
  id: AttemptId,
  events: readonly AttemptEvent[],
  evidence: Evidence,
  rules: SettleRules,
  now: number,
): ComposedWrite | undefined {
  const writes: AttemptWrite[] = []
  let current = attempts.find(attempt => attempt.id === id)
  for (const event of events) {
    if (!current) break
    const step = transition(current, event)
    if (!step.changed) continue
    writes.push({ attempt: step.attempt, expectedVersion: current.version, event })
    current = step.attempt
  }
  const changed = current
  if (!changed || writes.length === 0) return undefined
  const after = attempts.map(attempt => (attempt.id === id ? changed : attempt))
  const fate = settleWork(work, after, rules, now)
  const counts = fate.counts === id
  const notesBefore = settleWork(work, attempts, rules, now).notes
  const notes = counts && evidence.warnings ? [...fate.notes, ...evidence.warnings] : fate.notes
  const write: WorkWrite = {
    id: work.id,
    expectedVersion: work.version,
    ...fateChanges(work, fate, after, now),
    ...(!sameNotes(notesBefore, notes) && { notes }),
    ...(counts && evidence.logText !== undefined && { logText: evidence.logText }),
    ...(counts && evidence.outputs && { outputs: evidence.outputs }),
  }
  return { attempts: writes, work: Object.keys(write).length > 2 ? write : undefined, fate }
}

/** What of the row a fate changes: the state, the end, and which attempt counts. */
export function fateChanges(
  work: WorkRow,
  fate: WorkFate,
  attempts: readonly Attempt[],
  now: number,
): Omit<WorkWrite, 'id' | 'expectedVersion'> {
  const counts = attempts.find(attempt => attempt.id === fate.counts)
  return {
    ...(fate.state !== work.state && { state: fate.state }),
    ...(fate.terminal && work.endedAt === undefined && { endedAt: now }),
    ...(counts && counts.id !== work.countsAttempt && { countsAttempt: counts.id, countsSite: counts.site }),
  }
}

function sameNotes(before: readonly string[], after: readonly string[]): boolean {
  return before.length === after.length && before.every((note, i) => note === after[i])
}

/** The writes when no attempt changes but time has passed; undefined if nothing follows from it. */
export function composeSettle(work: WorkRow, attempts: readonly Attempt[], rules: SettleRules, now: number): WorkWrite | undefined {
  const fate = settleWork(work, attempts, rules, now)
  if (fate.state === work.state) return undefined
  return { id: work.id, expectedVersion: work.version, ...fateChanges(work, fate, attempts, now), notes: fate.notes }
}
