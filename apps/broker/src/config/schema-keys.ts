/**
 * Reads a JSON Schema for what the messages, the environment and the reference page need to know: which keys exist, and where.
 */
import * as z from 'zod'
import { isRecord } from './is-record.ts'
import type { Path } from './problem.ts'

/** The part of a JSON Schema that we make. */
export interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly pattern?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly oneOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly minItems?: number
}

/** The schema of what operators write, that is before defaults are filled in. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' }) as JsonSchema
}

/** The variants of a schema: itself, or what it is one of. */
export function variantsOf(schema: JsonSchema): readonly JsonSchema[] {
  return schema.oneOf ?? schema.anyOf ?? [schema]
}

/** The keys that the section at `path` may have; of variants only the one that the section's own `kind` names, if it names one. */
export function keysAt(schema: JsonSchema, raw: unknown, path: Path): string[] {
  const { here, value } = descend(schema, raw, path)
  return here === undefined ? [] : [...new Set(pick(here, value).flatMap(one => Object.keys(one.properties ?? {})))]
}

/** What the value at `path` is for, without the full stop. */
export function describeKey(schema: JsonSchema, raw: unknown, path: Path): string | undefined {
  return descend(schema, raw, path).here?.description?.replace(/\.$/, '')
}

function descend(schema: JsonSchema, raw: unknown, path: Path): { readonly here: JsonSchema | undefined; readonly value: unknown } {
  let here: JsonSchema | undefined = schema
  let value = raw
  for (const key of path) {
    if (here === undefined) break
    here = typeof key === 'number' ? here.items : pick(here, value).find(one => one.properties?.[key])?.properties?.[key]
    value = isRecord(value) ? value[key] : Array.isArray(value) ? value[Number(key)] : undefined
  }
  return { here, value }
}

function pick(schema: JsonSchema, value: unknown): readonly JsonSchema[] {
  const variants = variantsOf(schema)
  const kind = isRecord(value) ? value.kind : undefined
  const named = variants.filter(one => one.properties?.kind?.const === kind && kind !== undefined)
  return named.length > 0 ? named : variants
}
