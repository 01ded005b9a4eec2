/**
 * Turns an OpenAPI document, or a set of JSON schemas, into its bones: paths, operations, parameters, schema names, fields, types, required
 * and enums, without a word of prose. References are resolved by name, `allOf` is merged. Two documents that say the same have equal bones.
 *
 *     node tools/src/bones.ts openapi/tes-1.1.yaml > bones.json
 */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod/mini'

/** A type as one line of text, and what it is made of. `array of X` and `map of X` carry the fields and values of X. */
export interface Bone {
  type: string
  enum?: string[]
  fields?: Record<string, Bone>
  required?: string[]
}

type Presence = 'required' | 'optional'

export interface OperationBones {
  operationId: string
  /** By place and name: `query view`. */
  parameters: Record<string, Bone & { presence: Presence }>
  body?: { type: string; presence: Presence }
  /** Status or `default` → type of the answer. */
  responses: Record<string, string>
}

export interface Bones {
  paths: Record<string, Record<string, OperationBones>>
  schemas: Record<string, Bone>
}

interface SchemaNode {
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
const SchemaNode: z.ZodMiniType<SchemaNode> = z.object({
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
type Schemas = Readonly<Record<string, SchemaNode>>

const Reference = z.object({ $ref: z.string() })
const Parameter = z.object({ name: z.string(), in: z.string(), required: z.optional(z.boolean()), schema: SchemaNode })
const Content = z.record(z.string(), z.object({ schema: SchemaNode }))
const Response = z.object({ content: z.optional(Content) })

const Operation = z.object({
  operationId: z.string(),
  parameters: z.optional(z.array(z.union([Reference, Parameter]))),
  requestBody: z.optional(z.object({ required: z.optional(z.boolean()), content: Content })),
  responses: z.record(z.string(), z.union([Reference, Response])),
})
type Operation = z.infer<typeof Operation>

const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({
    parameters: z.optional(z.record(z.string(), Parameter)),
    responses: z.optional(z.record(z.string(), Response)),
    schemas: z.record(z.string(), SchemaNode),
  }),
})
type Document = z.infer<typeof Document>

/** Formats that narrow what their type allows. Any other (`boolean` of a boolean, `int64` of a string) says nothing. */
const NARROWING: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  string: ['date', 'date-time', 'uri', 'byte', 'binary'],
}

/** Bones of a parsed OpenAPI 3.0 document. Throws a ZodError that names the place where it is none. */
export function bonesOf(document: unknown): Bones {
  const parsed = Document.parse(document)
  const paths: Bones['paths'] = {}
  for (const [path, operations] of Object.entries(parsed.paths)) {
    paths[path] = mapValues(operations, operation => operationBones(operation, parsed))
  }
  return { paths, schemas: schemaBones(parsed.components.schemas) }
}

/** Bones of named JSON schemas that refer to each other by name. */
export function schemaBones(schemas: unknown): Record<string, Bone> {
  const parsed = z.record(z.string(), SchemaNode).parse(schemas)
  return mapValues(parsed, schema => boneOf(schema, parsed))
}

function operationBones(operation: Operation, document: Document): OperationBones {
  const { schemas, parameters = {}, responses = {} } = document.components
  const bones: OperationBones = { operationId: operation.operationId, parameters: {}, responses: {} }
  for (const entry of operation.parameters ?? []) {
    const parameter = '$ref' in entry ? find(parameters, entry.$ref) : entry
    bones.parameters[`${parameter.in} ${parameter.name}`] = { presence: presence(parameter.required), ...boneOf(parameter.schema, schemas) }
  }
  if (operation.requestBody) {
    const { content, required } = operation.requestBody
    bones.body = { type: contentType(content, schemas), presence: presence(required) }
  }
  for (const [status, entry] of Object.entries(operation.responses)) {
    const { content = {} } = '$ref' in entry ? find(responses, entry.$ref) : entry
    bones.responses[status] = contentType(content, schemas)
  }
  return bones
}

function presence(required: boolean | undefined): Presence {
  return required ? 'required' : 'optional'
}

function contentType(content: z.infer<typeof Content>, schemas: Schemas): string {
  const types = Object.entries(content).map(([media, { schema }]) => {
    const type = unnamed(boneOf(schema, schemas))
    return media === 'application/json' ? type : `${media} ${type}`
  })
  return types.join(', ') || 'nothing'
}

function boneOf(schema: SchemaNode, schemas: Schemas): Bone {
  if (schema.$ref !== undefined) return { type: nameOf(schema.$ref) }
  if (schema.allOf) return boneOf(mergeAll(schema, schemas), schemas)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return { type: choices.map(choice => unnamed(boneOf(choice, schemas))).join(' | ') }
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])
  const isNull = schema.nullable || types.includes('null')
  const bone = plainBone(schema, types.find(type => type !== 'null') ?? (isNull ? 'null' : 'anything'), schemas)
  return isNull && bone.type !== 'null' ? { ...bone, type: `${bone.type} | null` } : bone
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

/** The type alone, where a name is all that the bones can hold. */
function unnamed(bone: Bone): string {
  if (bone.fields || bone.enum)
    throw new Error(`A schema with fields or values stands where only a name fits: give it a name. Its type is ${bone.type}.`)
  return bone.type
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

function find<T>(named: Readonly<Record<string, T>>, reference: string): T {
  const found = named[nameOf(reference)]
  if (found === undefined) throw new Error(`Nothing is named ${reference}.`)
  return found
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

if (import.meta.main) {
  const file = process.argv[2]
  if (file === undefined) throw new Error('Name the OpenAPI document: node tools/src/bones.ts FILE')
  process.stdout.write(`${JSON.stringify(bonesOf(parse(readFileSync(file, 'utf8'))), null, 1)}\n`)
}
