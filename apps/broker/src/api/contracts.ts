/**
 * The contracts that this server keeps, as it hands them out, and what they say of who may call an operation.
 */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod/mini'

const CONTRACT_NAMES = ['tes-1.1.yaml', 'drs-1.5.yaml', 'portolan-1.yaml'] as const

/** The text of every contract, read once. */
export function readContracts(): ReadonlyMap<string, string> {
  return new Map(CONTRACT_NAMES.map(name => [name, readFileSync(new URL(`../../../../openapi/${name}`, import.meta.url), 'utf8')]))
}

/** `none`: open to everybody. */
const NeededScope = z.enum(['read', 'write', 'admin', 'none'])
export type NeededScope = z.infer<typeof NeededScope>

const Operation = z.object({ operationId: z.string(), 'x-scope': NeededScope, 'x-limit': z.optional(z.literal('create')) })
const PathItem = z.object({
  get: z.optional(Operation),
  put: z.optional(Operation),
  post: z.optional(Operation),
  delete: z.optional(Operation),
  patch: z.optional(Operation),
  options: z.optional(Operation),
})
const Contract = z.object({ paths: z.record(z.string(), PathItem) })

/** The operations that make something or cost as much, of which a person and an address may do only so many: `x-limit: create`. */
export function readCreates(contracts: ReadonlyMap<string, string>): ReadonlySet<string> {
  const operations = [...contracts.values()].flatMap(text =>
    Object.values(Contract.parse(parse(text)).paths).flatMap(item => Object.values(item)),
  )
  return new Set(operations.flatMap(operation => (operation?.['x-limit'] === 'create' ? [operation.operationId] : [])))
}

/** The scope that each operation needs. Throws if an operation of a contract does not say it, or two say different ones. */
export function readScopes(contracts: ReadonlyMap<string, string>): ReadonlyMap<string, NeededScope> {
  const scopes = new Map<string, NeededScope>()
  for (const [name, text] of contracts) {
    for (const item of Object.values(Contract.parse(parse(text)).paths)) {
      for (const operation of Object.values(item)) {
        if (operation === undefined) continue
        const { operationId, 'x-scope': scope } = operation
        if ((scopes.get(operationId) ?? scope) !== scope) throw new Error(`${name} gives the operation ${operationId} a second scope`)
        scopes.set(operationId, scope)
      }
    }
  }
  return scopes
}
