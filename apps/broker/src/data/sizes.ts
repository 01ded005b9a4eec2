/**
 * The port of size askers: how many bytes lie at URLs of one location, found out from its server in few requests.
 * Crash: nothing is kept. Two callers: answers may differ in time.
 */
import type { Measured } from './size-cache.ts'

export interface SizeAsked {
  readonly url: string
  /** As the task says; a URL that ends in `/` is a directory all the same. */
  readonly directory: boolean
}

export interface SizeAsker {
  /**
   * One answer for each, in order, each as soon as it is known. None rejects: what the server does not say is `unknown`, and so is everything once the
   * signal has ended it, or while the location is left in peace. No URL of another location is asked.
   */
  measure(batch: readonly SizeAsked[], signal: AbortSignal): readonly Promise<Measured>[]
  /** How long what is known stays true, ms. */
  lifeOf(asked: SizeAsked): number
}
