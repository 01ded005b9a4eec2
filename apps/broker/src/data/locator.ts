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

export interface Locator {
  /** Answers within `budgetMs` for all inputs together; what is not known by then is `assumed`. Order as asked. Never rejects. */
  locate(inputs: readonly { readonly url: string; readonly directory: boolean }[], budgetMs: number): Promise<readonly Located[]>
}
