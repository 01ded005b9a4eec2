/**
 * What every command works with, and how it refuses.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { KeyRing } from '../../key-ring.ts'

export interface CommandContext {
  readonly db: DatabaseSync
  readonly keys: KeyRing
}

/** Undoes what the command has done so far; the other commands of the same transaction stand. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly outcome: 'conflict' | 'fenced'
  constructor(outcome: 'conflict' | 'fenced') {
    super(outcome)
    this.outcome = outcome
  }
}

/** A step of a transaction that is undone by itself if it fails. */
export type Savepoint = <T>(step: () => T) => T

export function prepareSavepoint(db: DatabaseSync): Savepoint {
  const [save, release, undo] = ['savepoint step', 'release step', 'rollback to step'].map(text => db.prepare(text))
  return step => {
    save?.run()
    try {
      const result = step()
      release?.run()
      return result
    } catch (error) {
      // A full disk ends the whole transaction by itself; then there is no savepoint left to go back to.
      if (db.isTransaction) {
        undo?.run()
        release?.run()
      }
      throw error
    }
  }
}
