/**
 * Turns an OpenAPI document into its bones: paths, operations, parameters, schema names, fields, types, required and enums, without a word of
 * prose. References are resolved by name, `allOf` is merged. Two documents that say the same have equal bones.
 *
 *     node tools/src/bones.ts openapi/tes-1.1.yaml > bones.json
 */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { type Bone, boneOf, find, mapValues, SchemaNode, type Schemas, schemaBones } from './bones/schema.ts'

type Presence = 'required' | 'optional'

/** By media type. */
type ContentBones = Record<string, Bone>

interface OperationBones {
  operationId: string
  /** By place and name: `query view`. */
  parameters: Record<string, Bone & { presence: Presence }>
  body?: { presence: Presence; content: ContentBones }
  /** By status, or `default`. */
  responses: Record<string, ContentBones>
}

export interface Bones {
  paths: Record<string, Record<string, OperationBones>>
  schemas: Record<string, Bone>
}

const Reference = z.object({ $ref: z.string() })
const Parameter = z.object({ name: z.string(), in: z.string(), required: z.optional(z.boolean()), schema: SchemaNode })
const Content = z.record(z.string(), z.object({ schema: SchemaNode }))
const Body = z.object({ required: z.optional(z.boolean()), content: Content })
const Response = z.object({ content: z.optional(Content) })

const Operation = z.object({
  operationId: z.string(),
  parameters: z.optional(z.array(z.union([Reference, Parameter]))),
  requestBody: z.optional(z.union([Reference, Body])),
  responses: z.record(z.string(), z.union([Reference, Response])),
})
type Operation = z.infer<typeof Operation>

const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({
    parameters: z.optional(z.record(z.string(), Parameter)),
    requestBodies: z.optional(z.record(z.string(), Body)),
    responses: z.optional(z.record(z.string(), Response)),
    schemas: z.record(z.string(), SchemaNode),
  }),
})
type Document = z.infer<typeof Document>

/** Bones of a parsed OpenAPI 3.0 document. Throws a ZodError that names the place where it is none. */
export function bonesOf(document: unknown): Bones {
  const parsed = Document.parse(document)
  return {
    paths: mapValues(parsed.paths, operations => mapValues(operations, operation => operationBones(operation, parsed))),
    schemas: schemaBones(parsed.components.schemas),
  }
}

function operationBones(operation: Operation, document: Document): OperationBones {
  const { schemas, parameters = {}, requestBodies = {}, responses = {} } = document.components
  const bones: OperationBones = { operationId: operation.operationId, parameters: {}, responses: {} }
  for (const entry of operation.parameters ?? []) {
    const parameter = '$ref' in entry ? find(parameters, entry.$ref) : entry
    bones.parameters[`${parameter.in} ${parameter.name}`] = { presence: presence(parameter.required), ...boneOf(parameter.schema, schemas) }
  }
  if (operation.requestBody) {
    const entry = operation.requestBody
    const { content, required } = '$ref' in entry ? find(requestBodies, entry.$ref) : entry
    bones.body = { presence: presence(required), content: contentBones(content, schemas) }
  }
  for (const [status, entry] of Object.entries(operation.responses)) {
    const { content = {} } = '$ref' in entry ? find(responses, entry.$ref) : entry
    bones.responses[status] = contentBones(content, schemas)
  }
  return bones
}

function presence(required: boolean | undefined): Presence {
  return required ? 'required' : 'optional'
}

function contentBones(content: z.infer<typeof Content>, schemas: Schemas): ContentBones {
  return mapValues(content, ({ schema }) => boneOf(schema, schemas))
}

if (import.meta.main) {
  const file = process.argv[2]
  if (file === undefined) throw new Error('Name the OpenAPI document: node tools/src/bones.ts FILE')
  process.stdout.write(`${JSON.stringify(bonesOf(parse(readFileSync(file, 'utf8'))), null, 1)}\n`)
}
