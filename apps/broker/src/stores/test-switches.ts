/**
 * Switches for tests, benches and the harness that must find planted faults. They come in only through this object, given by the caller in
 * the same process; no configuration and no environment reaches them.
 */
export interface StoreTestSwitches {
  /** Each commit takes this much longer, as on a slow disk. */
  readonly commitDelayMs?: number | undefined
  /** A planted fault: commands are answered before they are durable. */
  readonly answerBeforeCommit?: boolean | undefined
  /** The writer thread dies when it is asked to create this work item. */
  readonly diesAt?: string | undefined
  /** The process kills itself as soon as a command of this kind is durable, before anybody is answered. */
  readonly killedAfter?: string | undefined
  /** The database may not grow beyond this many pages above its size at the start, as on a full disk. */
  readonly sparePages?: number | undefined
}
