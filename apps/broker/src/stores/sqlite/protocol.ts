/**
 * What the caller's thread and the writer's thread say to each other.
 */
import type { KeyRingKeys } from '../key-ring.ts'
import type { StoreTestSwitches } from '../test-switches.ts'
import type { AnyCommand, AnyResult } from './commands/run-command.ts'

export interface WriterStart {
  readonly path: string
  readonly keys: KeyRingKeys
  readonly switches: StoreTestSwitches
}

/** `probe` writes a row that means nothing, to see whether one can be written. */
export interface Request {
  readonly id: number
  readonly command: AnyCommand | { readonly kind: 'probe' }
  /** ms since 1970: nobody waits for the answer after this; what was not begun by then is not done. */
  readonly deadline: number
}

export type ToWriter = { readonly kind: 'requests'; readonly requests: readonly Request[] } | { readonly kind: 'close' }

export type Reply =
  | { readonly id: number; readonly outcome: 'done'; readonly result: AnyResult | undefined }
  | { readonly id: number; readonly outcome: 'unavailable' | 'failed'; readonly detail: string }

export type FromWriter =
  | { readonly kind: 'ready' }
  | { readonly kind: 'lacksKeys'; readonly keys: readonly string[] }
  | { readonly kind: 'refusesToStart'; readonly detail: string }
  | { readonly kind: 'replies'; readonly replies: readonly Reply[] }
