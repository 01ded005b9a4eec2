/**
 * Names what of a submitted document was ignored. Pure.
 */
const MOST_NAMED = 20
const SET_BY_SERVERS: ReadonlySet<string> = new Set(['id', 'state', 'logs', 'creation_time'])

/**
 * Paths of the keys that `raw` has and `kept` has not (`executors[0].memory`), at most 20. Nulls mean "not set" and are not counted, nor are the
 * fields that only a server sets.
 */
export function unknownKeys(raw: unknown, kept: unknown): readonly string[] {
  const found: string[] = []
  collect(raw, kept, '', found)
  return found
}

function collect(raw: unknown, kept: unknown, path: string, found: string[]): void {
  // Where nothing was left out the two are the same object.
  if (raw === kept || found.length >= MOST_NAMED) return
  if (typeof raw !== 'object' || raw === null || typeof kept !== 'object' || kept === null) return
  if (Array.isArray(raw)) {
    if (Array.isArray(kept)) for (let i = 0; i < raw.length; i += 1) collect(raw[i], kept[i], `${path}[${i}]`, found)
    return
  }
  for (const [key, value] of Object.entries(raw)) {
    if (value === null || value === undefined) continue
    const here = path === '' ? key : `${path}.${key}`
    if (Object.hasOwn(kept, key)) collect(value, Reflect.get(kept, key), here, found)
    else if (found.length < MOST_NAMED && !SET_BY_SERVERS.has(here)) found.push(here.slice(0, 200))
  }
}
