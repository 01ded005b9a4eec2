/**
 * Nulls mean "not set" in what several clients and servers send (Cromwell, Galaxy), and must never be passed on.
 */

const MAX_DEPTH = 64

/**
 * The value without the keys of its objects whose value is null or undefined. Entries of arrays stay, since leaving one out would change
 * a command. A value without such keys comes back as it is, not copied. Below 64 levels nothing is looked at.
 */
export function dropNulls<T>(value: T): T
export function dropNulls(value: unknown): unknown {
  return drop(value, 0)
}

function drop(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value
  if (Array.isArray(value)) {
    const kept = value.map(entry => drop(entry, depth + 1))
    return kept.every((entry, index) => entry === value[index]) ? value : kept
  }
  let changed = false
  const kept: [string, unknown][] = []
  for (const [key, entry] of Object.entries(value)) {
    const small = drop(entry, depth + 1)
    if (small === null || small === undefined) changed = true
    else {
      changed ||= small !== entry
      kept.push([key, small])
    }
  }
  return changed ? Object.fromEntries(kept) : value
}
