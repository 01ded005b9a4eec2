/**
 * Keys of a submitted task that the standard does not know are ignored, and named once, so that an operator learns of them.
 */
import { isObject } from './contract.ts'

const READ_ONLY: ReadonlySet<string> = new Set(['id', 'state', 'logs', 'creation_time'])
const MAX_REMEMBERED = 1_000

/** Gives the body without unknown keys and without the fields that only a server sets; the same object if there are none. */
export type KeyFilter = (body: unknown) => unknown

/** `schema` is the dereferenced schema of a task. `onUnknown` hears of each key once, as `executors[].foo`. */
export function createKeyFilter(schema: unknown, onUnknown: ((keys: readonly string[]) => void) | undefined): KeyFilter {
  const known = new Set<string>()
  return body => {
    const fresh: string[] = []
    const kept = keepKnown(body, schema, '', path => {
      if (READ_ONLY.has(path) || known.has(path) || known.size >= MAX_REMEMBERED) return
      known.add(path)
      fresh.push(path)
    })
    if (fresh.length > 0) onUnknown?.(fresh)
    return kept
  }
}

function keepKnown(value: unknown, schema: unknown, path: string, drop: (path: string) => void): unknown {
  if (!isObject(schema)) return value
  if (Array.isArray(value)) {
    const kept = value.map(entry => keepKnown(entry, schema.items, `${path}[]`, drop))
    return kept.every((entry, index) => entry === value[index]) ? value : kept
  }
  if (!isObject(value) || !isObject(schema.properties)) return value
  let changed = false
  const kept: [string, unknown][] = []
  for (const [key, entry] of Object.entries(value)) {
    const below = path ? `${path}.${key}` : key
    if (!Object.hasOwn(schema.properties, key) || (path === '' && READ_ONLY.has(key))) {
      drop(below.slice(0, 200))
      changed = true
    } else {
      const small = keepKnown(entry, schema.properties[key], below, drop)
      changed ||= small !== entry
      kept.push([key, small])
    }
  }
  return changed ? Object.fromEntries(kept) : value
}
