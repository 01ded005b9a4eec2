/**
 * Random damage to an OpenAPI document, one change at a time, from a seed: the proof that the comparisons of the contract see it.
 */
export const MUTATION_KINDS = ['type', 'required', 'enum', 'name'] as const
export type MutationKind = (typeof MUTATION_KINDS)[number]

export interface Mutation {
  document: unknown
  /** What was changed, for the report of a failure. */
  what: string
}

/** Small, fast and repeatable: the sequence of mulberry32. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0
  return below => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

type Change = { what: string; apply: () => void }
type Node = Record<string, unknown>

const TYPES = ['string', 'integer', 'number', 'boolean', 'array', 'object']

/** A copy of the document with one random change of the kind. */
export function mutate(document: unknown, kind: MutationKind, random: (below: number) => number): Mutation {
  const copy: unknown = structuredClone(document)
  const changes = [...walk(copy, '')].flatMap(({ node, at }) => CHANGES[kind](node, at, random))
  const change = changes[random(changes.length)]
  if (!change) throw new Error(`The document has nothing to mutate: ${kind}.`)
  change.apply()
  return { document: copy, what: change.what }
}

const CHANGES: Record<MutationKind, (node: Node, at: string, random: (below: number) => number) => Change[]> = {
  type: (node, at, random) => {
    if (typeof node.type !== 'string' || !TYPES.includes(node.type)) return []
    const others = TYPES.filter(type => type !== node.type)
    const other = others[random(others.length)]
    return [{ what: `${at}.type: ${node.type} becomes ${other}`, apply: () => Object.assign(node, { type: other }) }]
  },
  required: (node, at) => {
    // Another part of the same `allOf` may require the field already: then the document says the same as before.
    if (!isNode(node.properties) || at.includes('.allOf[')) return []
    const required = Array.isArray(node.required) ? node.required : []
    return Object.keys(node.properties).map(field => ({
      what: `${at}.required: ${field} is ${required.includes(field) ? 'left out' : 'added'}`,
      apply: () =>
        Object.assign(node, { required: required.includes(field) ? required.filter(name => name !== field) : [...required, field] }),
    }))
  },
  enum: (node, at, random) => {
    const values = node.enum
    if (!Array.isArray(values)) return []
    const index = random(values.length)
    return [
      { what: `${at}.enum: ${values[index]} is left out`, apply: () => values.splice(index, 1) },
      { what: `${at}.enum: OTHER is added`, apply: () => values.push('OTHER') },
      { what: `${at}.enum: ${values[index]} is misspelt`, apply: () => values.splice(index, 1, `${values[index]}X`) },
    ]
  },
  name: (node, at) => {
    const named = isNode(node.properties) ? renameKeys(node.properties, `${at}.properties`) : []
    const schemas = isNode(node.schemas) ? renameKeys(node.schemas, `${at}.schemas`) : []
    const paths = isNode(node.paths) ? renameKeys(node.paths, `${at}.paths`) : []
    const own = typeof node.in === 'string' ? ['operationId', 'name'] : ['operationId']
    const renamed = own.flatMap(key => {
      const text = node[key]
      if (typeof text !== 'string') return []
      return [{ what: `${at}.${key}: ${text} is misspelt`, apply: () => Object.assign(node, { [key]: `${text}x` }) }]
    })
    return [...named, ...schemas, ...paths, ...renamed]
  },
}

function renameKeys(record: Node, at: string): Change[] {
  return Object.keys(record).map(key => ({
    what: `${at}.${key} is misspelt`,
    apply: () => {
      record[`${key}x`] = record[key]
      delete record[key]
    },
  }))
}

function* walk(node: unknown, at: string): Generator<{ node: Node; at: string }> {
  if (Array.isArray(node)) {
    for (const [index, entry] of node.entries()) yield* walk(entry, `${at}[${index}]`)
  } else if (isNode(node)) {
    yield { node, at }
    for (const [key, value] of Object.entries(node)) if (key !== 'example') yield* walk(value, `${at}.${key}`)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
