/**
 * The port of links: addresses that open one object for a while. A link is a secret: it is handed to the one it is made for and kept nowhere, neither
 * in the store nor in a log, a decision or an event.
 *
 * Crash and two callers: nothing is kept; each call makes new links.
 */
import type { LinkWish, LocationId, StagedInput } from '@portolan/federation'
import type { ObjectLink, StoreFailure } from './object-store.ts'

/** Answers for one input: files in the place of the input, or why there are none. */
export type StagedAnswer =
  /**
   * `foreign`: by a server that is none of the broker's stores, so nobody knows what of the address opens it. `endsAt`: when that address ends, ms
   * since 1970, where it ends before a link of the broker would.
   */
  | { readonly outcome: 'staged'; readonly input: StagedInput; readonly foreign?: true; readonly endsAt?: number | undefined }
  /** Nothing may be made by this placement: its bytes lie where nobody has looked at the rules, which the next placement does. */
  | { readonly outcome: 'moved'; readonly path: string }
  | { readonly outcome: 'failed'; readonly path: string; readonly failure: StoreFailure }

export interface Links {
  /**
   * For a site that is to read inputs; directories become files with a link each. In the order of the wishes. Never rejects. Links that are longer
   * together than `mostBytes` are not made to their end.
   */
  stage(wishes: readonly LinkWish[], mostBytes: number, signal: AbortSignal): Promise<readonly StagedAnswer[]>
  /** For a person who may have the object; undefined where the location knows no links. */
  forPerson(location: LocationId, url: string): Promise<ObjectLink | undefined>
}
