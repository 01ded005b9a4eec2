/**
 * What a check is: one requirement with a code, looked at for one site and one work item. Pure; says nothing when it passes.
 */
import type { CompiledSite, CompiledSnapshot } from '../compile.ts'
import type { ExtraVerdicts, Reason } from '../decision.ts'
import type { WorkFacts } from '../facts.ts'
import type { ReasonCode } from '../reasons.ts'

export interface CheckContext {
  readonly compiled: CompiledSnapshot
  readonly facts: WorkFacts
  readonly at: CompiledSite
  readonly extra: ExtraVerdicts
}

export interface Check {
  readonly code: ReasonCode
  /** What must hold, in one sentence. */
  readonly requires: string
  /** True if its facts are not known yet: it fails wherever its key is declared. */
  readonly closed?: true
  /** The reason why the site may not run the work item, or undefined. Details name concrete values. */
  readonly check: (context: CheckContext) => Reason | undefined
}
