/**
 * Reading what DRS servers really answer, from 1.2 to 1.5: missing fields, nulls, words of their own. Nothing here throws. What a field cannot be read
 * as is left out; only an answer without an id is no object.
 */
import * as z from 'zod/mini'

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A schema that takes anything, and gives undefined for what does not fit. */
const lenient = <S extends z.ZodMiniType>(schema: S) => z.catch(z.optional(schema), undefined)
/** Of a list what fits. */
const listOf = <S extends z.ZodMiniType>(schema: S) =>
  z.pipe(
    z.transform((value: unknown) => (Array.isArray(value) ? value.filter(entry => schema.safeParse(entry).success) : [])),
    z.array(schema),
  )

const text = lenient(z.string())
const texts = listOf(z.string())
const count = lenient(z.int().check(z.nonnegative()))

/** `headers`: lines `Name: value` to send along. Whoever holds it may be able to fetch the bytes: a secret. */
export const ReadAccessUrl = z.object({ url: z.string().check(z.minLength(1)), headers: texts })
export type ReadAccessUrl = z.infer<typeof ReadAccessUrl>

export const ReadAccessMethod = z.object({
  type: z.string(),
  access_url: lenient(ReadAccessUrl),
  access_id: text,
  cloud: text,
  region: text,
  available: lenient(z.boolean()),
})
export type ReadAccessMethod = z.infer<typeof ReadAccessMethod>

export interface ReadContents {
  readonly name?: string | undefined
  readonly id?: string | undefined
  readonly drs_uri: readonly string[]
  /** What lies in a bundle within the bundle, where it was asked for. */
  readonly contents?: readonly ReadContents[] | undefined
}

export interface ReadDrsObject {
  readonly id: string
  readonly name?: string | undefined
  /** Bytes; of a bundle, of all that it holds. */
  readonly size?: number | undefined
  readonly checksums: readonly { readonly type: string; readonly checksum: string }[]
  readonly access_methods: readonly ReadAccessMethod[]
  /** Present in bundles only. */
  readonly contents?: readonly ReadContents[] | undefined
}

const ObjectFields = z.object({
  id: z.string().check(z.minLength(1)),
  name: text,
  size: count,
  checksums: listOf(z.object({ type: z.string(), checksum: z.string() })),
  access_methods: listOf(ReadAccessMethod),
})
const ContentsFields = z.object({ name: text, id: text, drs_uri: texts })
/** Bundles within bundles beyond this depth are left out. */
const MOST_LEVELS = 64

export function readDrsObject(value: unknown): ReadDrsObject | undefined {
  const read = ObjectFields.safeParse(value)
  if (!read.success || !isRecord(value)) return undefined
  return Array.isArray(value.contents) ? { ...read.data, contents: readContents(value.contents, 0) } : read.data
}

function readContents(list: readonly unknown[], depth: number): readonly ReadContents[] {
  return list.filter(isRecord).flatMap(entry => {
    const { data } = ContentsFields.safeParse(entry)
    if (data === undefined) return []
    const inner = depth < MOST_LEVELS && Array.isArray(entry.contents) ? { contents: readContents(entry.contents, depth + 1) } : {}
    return [{ ...data, ...inner }]
  })
}

/** What a server says of itself; `maxBulkRequestLength`: the most ids in one bulk request. */
export interface ReadDrsService {
  readonly id?: string | undefined
  readonly name?: string | undefined
  /** Of the standard, such as `1.5.0`. */
  readonly version?: string | undefined
  readonly maxBulkRequestLength?: number | undefined
}

const length = lenient(z.int().check(z.positive()))
const ServiceFields = z.object({
  id: text,
  name: text,
  type: lenient(z.object({ version: text })),
  maxBulkRequestLength: length,
  drs: lenient(z.object({ maxBulkRequestLength: length })),
})

export function readDrsService(value: unknown): ReadDrsService {
  const { data } = ServiceFields.safeParse(value)
  const { id, name, type, maxBulkRequestLength, drs } = data ?? {}
  return { id, name, version: type?.version, maxBulkRequestLength: drs?.maxBulkRequestLength ?? maxBulkRequestLength }
}

/** The answer to one bulk request. */
export interface ReadBulk {
  /** How many ids the server has read; absent: it does not say. */
  readonly requested?: number | undefined
  /** By id. */
  readonly resolved: ReadonlyMap<string, ReadDrsObject>
  /** HTTP status by id. */
  readonly unresolved: ReadonlyMap<string, number>
}

const Unresolved = z.object({ error_code: count, object_ids: texts })
const BulkFields = z.object({
  summary: lenient(z.object({ requested: count })),
  resolved_drs_object: listOf(z.unknown()),
  unresolved_drs_objects: listOf(Unresolved),
  unresolved_drs_object: lenient(z.record(z.string(), z.int())),
})

/** Takes both forms of what is not resolved: lists by status (1.5), and a status by id (earlier). Undefined: not the answer of a bulk request. */
export function readBulk(value: unknown): ReadBulk | undefined {
  const read = BulkFields.safeParse(value)
  if (!read.success) return undefined
  const { summary, resolved_drs_object, unresolved_drs_objects, unresolved_drs_object = {} } = read.data
  const unresolved = new Map(Object.entries(unresolved_drs_object))
  for (const { error_code = 0, object_ids } of unresolved_drs_objects) for (const id of object_ids) unresolved.set(id, error_code)
  const resolved = resolved_drs_object.flatMap(entry => readDrsObject(entry) ?? [])
  return { requested: summary?.requested, resolved: new Map(resolved.map(object => [object.id, object])), unresolved }
}
