/**
 * What goes wrong at a stand-in for S3, when a test wants it to.
 */
import type { OperationName } from './operations.ts'

export type Fault =
  /** Answers with this status, and with this word of S3 for it. */
  | { readonly kind: 'refuse'; readonly status: number; readonly code: string }
  /** Leads elsewhere. */
  | { readonly kind: 'redirect'; readonly to: string }
  /** Says nothing until all faults are cleared; then does what was asked. */
  | { readonly kind: 'hold' }
  /** Closes the connection after so many bytes of content; with 0 before any answer. */
  | { readonly kind: 'cut'; readonly afterBytes: number }

export interface FaultFor {
  /** Default: all operations. */
  readonly operation?: OperationName | undefined
  /** Default: all keys. */
  readonly key?: string | undefined
  /** How many pass before; default: none. */
  readonly after?: number | undefined
  /** How often; default: until it is cleared. */
  readonly times?: number | undefined
}

export interface Faults {
  /** What is asked from now on, and fits, meets the fault. Of several the first one that fits holds. */
  add(fault: Fault, which?: FaultFor): void
  /** Ends all faults and lets go what is held. */
  clear(): void
}

export class FaultList implements Faults {
  #faults: { readonly fault: Fault; readonly which: FaultFor; before: number; left: number }[] = []
  #cleared = Promise.withResolvers<void>()

  add(fault: Fault, which: FaultFor = {}): void {
    this.#faults.push({ fault, which, before: which.after ?? 0, left: which.times ?? Number.POSITIVE_INFINITY })
  }

  clear(): void {
    this.#faults = []
    this.#cleared.resolve()
    this.#cleared = Promise.withResolvers()
  }

  get cleared(): Promise<void> {
    return this.#cleared.promise
  }

  /** The fault that this request meets; counts it. */
  take(operation: OperationName, key: string): Fault | undefined {
    const entry = this.#faults.find(
      ({ which, left }) => left > 0 && (which.operation ?? operation) === operation && (which.key ?? key) === key,
    )
    if (!entry || entry.before-- > 0) return undefined
    entry.left--
    return entry.fault
  }
}
