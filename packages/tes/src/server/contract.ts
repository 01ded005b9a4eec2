/**
 * The TES 1.1 contract: found beside the built package or in the workspace, with its references resolved.
 */
import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod/mini'

const PLACES = ['../openapi/tes-1.1.yaml', '../../../../openapi/tes-1.1.yaml']

const Contract = z.looseObject({
  openapi: z.string(),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.unknown()),
})
export type Contract = z.infer<typeof Contract>

/** The text of the contract, as the package carries it. */
export function readContractText(): string {
  const found = PLACES.map(place => new URL(place, import.meta.url)).find(url => existsSync(url))
  if (!found) throw new Error(`The contract tes-1.1.yaml is missing from the package (looked at ${PLACES.join(' and ')})`)
  return readFileSync(found, 'utf8')
}

/** The contract with every `$ref` replaced by what it names. It has no remote references and no cycles. */
export function loadContract(): Contract {
  const document: unknown = parse(readContractText())
  return Contract.parse(resolve(document, document))
}

function resolve(value: unknown, root: unknown): unknown {
  if (Array.isArray(value)) return value.map(entry => resolve(entry, root))
  if (!isObject(value)) return value
  if (typeof value.$ref === 'string') return resolve(find(root, value.$ref), root)
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, resolve(entry, root)]))
}

function find(root: unknown, ref: string): unknown {
  return ref
    .replace(/^#\//, '')
    .split('/')
    .reduce((node, key) => {
      if (!isObject(node) || !(key in node)) throw new Error(`The contract has no ${ref}`)
      return node[key]
    }, root)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
