/**
 * Compares the bones of two documents. Each difference names the highest place where they part, so a schema that is missing is one
 * difference, not one for each of its fields.
 */
export interface Difference {
  /** The way there, joined by dots: `schemas.tesTask.fields.state.type`. */
  at: string
  /** What stands there in the first document; absent if nothing does. */
  standard?: string
  /** What stands there in the second. */
  ours?: string
}

export function compareBones(standard: unknown, ours: unknown, at: readonly string[] = []): Difference[] {
  const left = children(standard)
  const right = children(ours)
  if (left && right) {
    return [...new Set([...left.keys(), ...right.keys()])].flatMap(key => compareBones(left.get(key), right.get(key), [...at, key]))
  }
  if (standard === ours) return []
  return [
    {
      at: at.join('.'),
      ...(standard !== undefined && { standard: nameType(standard) }),
      ...(ours !== undefined && { ours: nameType(ours) }),
    },
  ]
}

/** True if the second document lacks something of the first: a path, an operation, a parameter, a schema, a field, a value. */
export function isDropped(difference: Difference): boolean {
  return difference.ours === undefined && !difference.at.includes('.required.')
}

/** Lists (of values, of required fields) are sets: each entry stands for itself. */
function children(node: unknown): Map<string, unknown> | undefined {
  if (Array.isArray(node)) return new Map(node.map(entry => [String(entry), 'listed']))
  if (typeof node === 'object' && node !== null) return new Map(Object.entries(node))
  return undefined
}

function nameType(node: unknown): string {
  if (typeof node === 'string') return node
  if (typeof node === 'object' && node !== null && 'type' in node) return String(node.type)
  return 'present'
}
