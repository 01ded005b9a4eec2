/**
 * Checks whose facts are not built: each fails wherever a site, a touched prefix or the project declares its key. A declared rule is never
 * silently passed over.
 */
import type { Reason } from '../decision.ts'
import { listSome } from '../format.ts'
import type { ReasonCode } from '../reasons.ts'
import type { Check, CheckContext } from './check.ts'

/** A check that fails closed. */
export function closedCheck(code: ReasonCode, requires: string): Check {
  return { code, requires, closed: true, check: context => failDeclared(code, context) }
}

/** The reason for rules of this code that are declared and cannot be decided, or undefined if there are none. */
export function failDeclared(code: ReasonCode, { at, facts }: CheckContext): Reason | undefined {
  if (at.undecided.length === 0 && facts.undecided.length === 0) return undefined
  const declared = [...at.undecided, ...facts.undecided].filter(rule => rule.code === code).map(rule => rule.says)
  if (declared.length === 0) return undefined
  return {
    code,
    detail: `${listSome(declared)}: declared, not yet supported`,
    fix: 'Ask the operator: until this rule can be decided, no task passes where it is declared.',
  }
}
