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

/** Lists (of values, of required fields) are sets: each entry stands for itself. Those of choices are compared one by one. */
function children(node: unknown): Map<string, unknown> | undefined {
  if (Array.isArray(node))
    return new Map(node.map((entry: unknown, index) => (typeof entry === 'string' ? [entry, 'listed'] : [String(index), entry])))
  if (typeof node === 'object' && node !== null) return new Map(Object.entries(node))
  return undefined
}

/** A type, or all types of a content; `present` for what is larger. */
function nameType(node: unknown): string {
  if (typeof node === 'string') return node
  if (typeof node !== 'object' || node === null) return 'present'
  if ('type' in node && typeof node.type === 'string') return node.type
  const types = Object.values(node).map(nameType)
  return types.length > 0 && !types.includes('present') && !('operationId' in node) ? types.join(', ') : 'present'
}
