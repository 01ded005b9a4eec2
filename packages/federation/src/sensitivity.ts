/**
 * How sensitive data is, lowest first. A site declares the highest it may hold.
 */
export const SENSITIVITIES = ['public', 'anonymised', 'pseudonymised', 'controlled'] as const
export type Sensitivity = (typeof SENSITIVITIES)[number]

/** Data under no declared prefix counts as this: nobody has said that it is public. */
export const UNDECLARED_SENSITIVITY: Sensitivity = 'anonymised'

/** True if a place that may hold `ceiling` may hold `data`. */
export function mayHold(ceiling: Sensitivity, data: Sensitivity): boolean {
  return SENSITIVITIES.indexOf(data) <= SENSITIVITIES.indexOf(ceiling)
}
