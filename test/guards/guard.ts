/**
 * A guard: code that stands between an attacker and what is not theirs, and how it is turned off to see whether its tests notice.
 */

/** A text that stands exactly once in the file, and what is written in its place. */
export type Edit = readonly [from: string, to: string]

export interface Guard {
  /** As the table of threats names it (`apps/broker/docs/threats.md`). */
  readonly id: string
  /** The rows of that table that it stands in; a test of one of them must notice. */
  readonly threats: readonly string[]
  /** From the root of the repository. */
  readonly file: string
  readonly off: readonly Edit[]
  /** Files of tests that are to notice, from the root of the repository. */
  readonly tests: readonly string[]
}
