/** Costs in which bytes take no time, whatever the link. */
import type { CompiledSite } from '../../../packages/federation/src/compile.ts'
import { type CostBasis, computeTerms as honest } from '../../../packages/federation/src/cost.ts'
import type { CostTerms } from '../../../packages/federation/src/decision.ts'
import { PER_FILE_MS } from '../../../packages/federation/src/learn-rate.ts'

export { ASSUMED_RUN_MS, prepareCost, sumTerms } from '../../../packages/federation/src/cost.ts'

export function computeTerms(basis: CostBasis, at: CompiledSite): CostTerms {
  const terms = honest(basis, at)
  return { ...terms, transferMs: terms.bytesToMove === 0 ? 0 : PER_FILE_MS }
}
