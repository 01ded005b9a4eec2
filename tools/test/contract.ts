/**
 * What the tests of the contracts share: reading a contract, and the bones of zod schemas.
 */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { type Bone, schemaBones } from '../src/bones/schema.ts'

export function readText(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
}

export function readYaml(path: string): unknown {
  return parse(readText(path))
}

/** Bones of zod schemas as they are written in JSON; where one holds another it is named by its key. */
export function zodBones(schemas: Readonly<Record<string, z.core.$ZodType>>): Record<string, Bone> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id })
  return schemaBones(z.toJSONSchema(registry, { io: 'input', uri: id => id }).schemas)
}
