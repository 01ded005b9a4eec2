/**
 * The words of outputs: what a task may have left, what a store shows of it, and what is kept. Types only.
 */
import type { TesTask } from '@portolan/tes'
import type { LocationId, WorkId } from './ids.ts'

/** What is to be measured: the declared outputs, and what the site says of them. */
export interface OutputExpectation {
  readonly declared: NonNullable<TesTask['outputs']>
  /** As the site reported them; only those count that lie below a declared one. */
  readonly reported: readonly { readonly url: string; readonly path: string; readonly sizeBytes: string }[]
  /** False where nothing need be there: of a failed task what is missing is no warning. */
  readonly complete: boolean
  /** When the attempt was sent, ms since 1970: what a store shows as written before is not of this task. */
  readonly since: number
  /** Below these URLs each task has a folder named by its id: what lies in that of another is not of this one. Absent: there are none. */
  readonly results?: { readonly below: readonly string[]; readonly own: WorkId } | undefined
}

export interface OutputDigest {
  readonly type: string
  /** In hexadecimal digits. */
  readonly checksum: string
}

/** One file. `bytes` is absent where only its name is known. */
export interface MeasuredOutput {
  readonly url: string
  readonly path: string
  readonly bytes?: number | undefined
  readonly location?: LocationId | undefined
  /** With its quotes. */
  readonly etag?: string | undefined
  readonly digests?: readonly OutputDigest[] | undefined
  /** ms since 1970. */
  readonly modifiedAt?: number | undefined
}

export interface MeasuredOutputs {
  /** In the order of the declared outputs, and below one by URL. */
  readonly outputs: readonly MeasuredOutput[]
  /** Lines for the system logs: what was left out, and why. */
  readonly warnings: readonly string[]
}
