/**
 * The bones of one JSON schema. References stay names, `allOf` is merged, prose, examples, defaults and bounds are left out.
 */
import * as z from 'zod/mini'

/** A type as one line of text, and what it is made of. `array of X` and `map of X` carry the fields and values of X. */
export interface Bone {
  type: string
  enum?: string[]
  fields?: Record<string, Bone>
  required?: string[]
  /** The members of a choice, where their names do not say it all. */
  choices?: Bone[]
}

export interface SchemaNode {
  $ref?: string | undefined
  type?: string | string[] | undefined
  format?: string | undefined
  nullable?: boolean | undefined
  minimum?: number | undefined
  maximum?: number | undefined
  const?: unknown
  enum?: unknown[] | undefined
  required?: string[] | undefined
  properties?: Record<string, SchemaNode> | undefined
  items?: SchemaNode | undefined
  additionalProperties?: boolean | SchemaNode | undefined
  allOf?: SchemaNode[] | undefined
  anyOf?: SchemaNode[] | undefined
  oneOf?: SchemaNode[] | undefined
}
export const SchemaNode: z.ZodMiniType<SchemaNode> = z.object({
  $ref: z.optional(z.string()),
  type: z.optional(z.union([z.string(), z.array(z.string())])),
  format: z.optional(z.string()),
  nullable: z.optional(z.boolean()),
  minimum: z.optional(z.number()),
  maximum: z.optional(z.number()),
  const: z.optional(z.unknown()),
  enum: z.optional(z.array(z.unknown())),
  required: z.optional(z.array(z.string())),
  properties: z.optional(z.lazy(() => z.record(z.string(), SchemaNode))),
  items: z.optional(z.lazy(() => SchemaNode)),
  additionalProperties: z.optional(z.lazy(() => z.union([z.boolean(), SchemaNode]))),
  allOf: z.optional(z.lazy(() => z.array(SchemaNode))),
  anyOf: z.optional(z.lazy(() => z.array(SchemaNode))),
  oneOf: z.optional(z.lazy(() => z.array(SchemaNode))),
})
export type Schemas = Readonly<Record<string, SchemaNode>>

/** Formats that narrow what their type allows. Any other (`boolean` of a boolean, `int64` of a string) says nothing. */
const NARROWING: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  string: ['date', 'date-time', 'uri', 'byte', 'binary'],
}

/** Bones of named JSON schemas that refer to each other by name. */
export function schemaBones(schemas: unknown): Record<string, Bone> {
  const parsed = z.record(z.string(), SchemaNode).parse(schemas)
  return mapValues(parsed, schema => boneOf(schema, parsed))
}

/** `schemas` are those that a reference may name. */
export function boneOf(schema: SchemaNode, schemas: Schemas): Bone {
  if (schema.$ref !== undefined) return { type: nameOf(schema.$ref) }
  if (schema.allOf) return boneOf(mergeAll(schema, schemas), schemas)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choiceOf(choices.map(choice => boneOf(choice, schemas)))
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])
  const isNull = schema.nullable || types.includes('null')
  const bone = plainBone(schema, types.find(type => type !== 'null') ?? (isNull ? 'null' : 'anything'), schemas)
  return isNull && bone.type !== 'null' ? { ...bone, type: `${bone.type} | null` } : bone
}

function choiceOf(bones: readonly Bone[]): Bone {
  const isNamed = bones.every(bone => !bone.fields && !bone.enum)
  return { type: bones.map(bone => bone.type).join(' | '), ...(!isNamed && { choices: [...bones] }) }
}

function plainBone(schema: SchemaNode, type: string, schemas: Schemas): Bone {
  if (type === 'array') return wrap('array of', boneOf(schema.items ?? {}, schemas))
  if (type === 'object' && schema.properties && Object.keys(schema.properties).length > 0) {
    return {
      type,
      fields: mapValues(schema.properties, property => boneOf(property, schemas)),
      required: [...(schema.required ?? [])].sort(byText),
    }
  }
  if (type === 'object' && typeof schema.additionalProperties === 'object' && Object.keys(schema.additionalProperties).length > 0) {
    return wrap('map of', boneOf(schema.additionalProperties, schemas))
  }
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const])
  return { type: withFormat(type, schema), ...(values && { enum: values.map(String).sort(byText) }) }
}

function withFormat(type: string, schema: SchemaNode): string {
  const isInt32 = type === 'integer' && schema.minimum === -(2 ** 31) && schema.maximum === 2 ** 31 - 1
  const format = isInt32 ? 'int32' : schema.format
  return format !== undefined && NARROWING[type]?.includes(format) ? `${type}(${format})` : type
}

function wrap(prefix: string, bone: Bone): Bone {
  return { ...bone, type: `${prefix} ${bone.type.includes(' | ') ? `(${bone.type})` : bone.type}` }
}

function mergeAll(schema: SchemaNode, schemas: Schemas): SchemaNode {
  const { allOf = [], ...own } = schema
  let merged: SchemaNode = {}
  for (const part of [...allOf, own]) {
    const found: SchemaNode = part.$ref === undefined ? part : find(schemas, part.$ref)
    const flat = found.allOf ? mergeAll(found, schemas) : found
    merged = {
      ...merged,
      ...flat,
      properties: { ...merged.properties, ...flat.properties },
      required: [...new Set([...(merged.required ?? []), ...(flat.required ?? [])])],
    }
  }
  return merged
}

function nameOf(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1)
}

/** What a reference such as `#/components/schemas/tesTask` names. */
export function find<T>(named: Readonly<Record<string, T>>, reference: string): T {
  const found = named[nameOf(reference)]
  if (found === undefined) throw new Error(`Nothing is named ${reference}.`)
  return found
}

export function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
