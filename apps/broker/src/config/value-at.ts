/**
 * Looks into a document that may have mistakes: what is not there, or is something else than was looked for, is undefined.
 */
import { isRecord } from './is-record.ts'
import type { Path } from './problem.ts'

export function valueAt(raw: unknown, path: Path): unknown {
  let value = raw
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = Reflect.get(value, key)
  }
  return value
}

export function textAt(raw: unknown, path: Path): string | undefined {
  const value = valueAt(raw, path)
  return typeof value === 'string' ? value : undefined
}

/** The texts of a list, each with its own path; what is no text is passed over. */
export function textsAt(raw: unknown, path: Path): readonly (readonly [text: string, path: Path])[] {
  return entriesAt(raw, path).flatMap(([entry, at]) => (typeof entry === 'string' ? [[entry, at] as const] : []))
}

/** The entries of a list, each with its own path. */
export function entriesAt(raw: unknown, path: Path): readonly (readonly [entry: unknown, path: Path])[] {
  const list: unknown = valueAt(raw, path)
  return Array.isArray(list) ? list.map((entry: unknown, index) => [entry, [...path, index]] as const) : []
}

/** The keys of a section, each with its own path. */
export function namesAt(raw: unknown, path: Path): readonly (readonly [key: string, path: Path])[] {
  const section = valueAt(raw, path)
  return isRecord(section) ? Object.keys(section).map(key => [key, [...path, key]] as const) : []
}
