/**
 * The words of inputs that a site can read: in which form each goes to the site, and which links are to be made for that. Types only.
 */
import type { LocationId } from './ids.ts'

/**
 * How a site gets one input.
 * `asIs`: by the URL that the task names. `replica`: by that of a replica, in a scheme that the site reads with credentials of its own, or that is open.
 * `link`: by a link that the broker makes when it offers the task. `unreadable`: not at all, which URL_SCHEME_UNSUPPORTED and INPUT_UNREACHABLE tell of.
 */
export type InputForm =
  | { readonly kind: 'asIs' }
  | { readonly kind: 'replica'; readonly url: string; readonly location: LocationId }
  | ({ readonly kind: 'link' } & LinkSource)
  | { readonly kind: 'unreadable'; readonly troubles: readonly FormTrouble[] }

/**
 * Why a site can read an input in no form. `closed`: it may read none of the places. `scheme`: it takes the scheme of none, nor of a link. `crowded`: links
 * could be made, but not for so many files. `linkless`: it takes the scheme, but has no credentials there, and no links either. `mixed`: it asks DRS servers by itself, and this one may lead it to a place that it
 * may not read.
 */
export type FormTrouble = 'closed' | 'scheme' | 'crowded' | 'linkless' | 'mixed'

/** What a link opens: the object at `url`, or all below it. */
export interface LinkSource {
  readonly url: string
  readonly location: LocationId
  /** Of an object at a DRS server: the address, without its query, whose rules were looked at; absent: those of the whole location were. */
  readonly at?: string | undefined
}

/** A link that is to be made for an input. */
export interface LinkWish extends LinkSource {
  /** Of the input, in the container. */
  readonly path: string
  readonly directory: boolean
  /** How long it must live: the wait at the site and the staging, with a margin. */
  readonly lifeMs: number
  /** How long it is needed if all goes as expected: the same wait and staging, without a margin. Absent: it is only looked at, and handed to nobody. */
  readonly neededMs?: number | undefined
  /** How much of that is the staging: the rest is a queue that may be shorter at another time. */
  readonly stagingMs?: number | undefined
}

/** What stands in the document in the place of one input. Its URLs are secrets. */
export interface StagedInput {
  /** Of the input that it replaces. */
  readonly path: string
  readonly files: readonly { readonly path: string; readonly url: string }[]
}
