/** How many sites passed and how many failed each check, as a decision tells it. */
import { REASON_CODES, type ReasonCode } from './reasons.ts'

/** `pass` first, then the codes in the order of REASONS; what is nought is left out. */
export function orderCounts(counts: ReadonlyMap<ReasonCode, number>, passed: number): Readonly<Record<string, number>> {
  const ordered: Record<string, number> = { pass: passed }
  for (const code of REASON_CODES) {
    const count = counts.get(code)
    if (count !== undefined) ordered[code] = count
  }
  return ordered
}
