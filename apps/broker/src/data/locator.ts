/**
 * The locator port: where the bytes of a URL lie, and how many they are. Asks only hosts that a declared location names.
 * Crash: nothing is kept but caches. Two callers: answers may differ in time, never in meaning.
 */
import type { Replica } from '@portolan/federation'

export interface Located {
  readonly replicas: readonly Replica[]
  readonly bytes: number
  readonly files: number
  readonly assumed: boolean
  readonly missing?: boolean | undefined
}

/** What an input counts as while nobody has said how large it is: 1 GB in one file. Large enough that unknown data pulls work towards it. */
export const ASSUMED_SIZE = { bytes: 1_000_000_000, files: 1 } as const

export interface Locator {
  /** Where the URL lies by what was declared alone. Asks nobody. */
  find(url: string): readonly Replica[]
  /**
   * Answers within `budgetMs` for all inputs together; what is not known by then is `assumed`. Without a budget (0) nobody is asked. Order as asked. Never
   * rejects. With `patient`, which ends it early, what others have waited for in vain is waited for too.
   */
  locate(
    inputs: readonly { readonly url: string; readonly directory: boolean }[],
    budgetMs: number,
    patient?: AbortSignal,
  ): Promise<readonly Located[]>
}
