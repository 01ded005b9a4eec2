/**
 * Many objects in few requests. DRS 1.5 takes `bulk_object_ids`; servers before it want `selection`, and answer the new word with 200 and nothing read.
 * So what was read is compared with what was sent, and what a server understands is remembered for a day.
 */
import { ApiError } from '../errors.ts'
import type { DrsCallOptions, DrsObjectOptions } from './client.ts'
import { type ReadBulk, type ReadDrsObject, type ReadDrsService, readBulk } from './read-documents.ts'

/** `missing`: the server knows no object of this id that the caller may see. */
export type DrsLookup =
  | { readonly outcome: 'found'; readonly object: ReadDrsObject }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'failed'; readonly error: ApiError }

export interface BulkPorts {
  serviceInfo(call: DrsCallOptions): Promise<ReadDrsService>
  getObject(id: string, call: DrsObjectOptions): Promise<ReadDrsObject>
  post(body: unknown, call: DrsObjectOptions): Promise<unknown>
  now(): number
}

type Dialect = 'bulk_object_ids' | 'selection'

/** What is known of a server. */
interface Traits {
  /** Those that it may understand, the likeliest first; empty: it knows no bulk. */
  dialects: readonly Dialect[]
  /** Ids in one request. */
  most: number
  /** The server was asked what it says of itself. */
  readonly said: boolean
  readonly since: number
}

const USUAL_MOST = 100
const REQUESTS_AT_ONCE = 16
const TRAITS_MS = 24 * 3_600_000
/** What servers answer that know no bulk requests, or not this word. */
const NOT_UNDERSTOOD: ReadonlySet<number> = new Set([400, 404, 405, 415, 422, 501])
const MISSING: ReadonlySet<number> = new Set([404, 410])

/** One answer for each id; never rejects. */
export function createBulk(ports: BulkPorts): (ids: readonly string[], call: DrsObjectOptions) => Promise<ReadonlyMap<string, DrsLookup>> {
  let traits: Traits | undefined

  /** What a server says of itself is asked for only where many ids make up for the request. */
  async function readTraits(count: number, call: DrsCallOptions): Promise<Traits> {
    const known = traits !== undefined && ports.now() - traits.since < TRAITS_MS ? traits : undefined
    if (known?.said || (known && count <= known.most)) return known
    if (count <= USUAL_MOST) {
      traits = { dialects: ['bulk_object_ids', 'selection'], most: USUAL_MOST, said: false, since: ports.now() }
      return traits
    }
    const info = await ports.serviceInfo(call).catch((error: unknown): ReadDrsService => {
      // It has answered, so it can be asked; it only says nothing of itself.
      if (error instanceof ApiError && error.status !== undefined) return {}
      throw error
    })
    const usual: readonly Dialect[] = isBefore15(info.version) ? ['selection', 'bulk_object_ids'] : ['bulk_object_ids', 'selection']
    traits = { dialects: known?.dialects ?? usual, most: info.maxBulkRequestLength ?? USUAL_MOST, said: true, since: ports.now() }
    return traits
  }

  async function askMany(ids: readonly string[], known: Traits, call: DrsObjectOptions): Promise<readonly DrsLookup[]> {
    const [dialect, ...others] = known.dialects
    if (dialect === undefined || ids.length === 1) return askEach(ids, call)
    const answer = await post(ids, dialect, call)
    if (answer === 'too many') {
      known.most = Math.min(known.most, Math.ceil(ids.length / 2))
      return (await Promise.all(partsOf(ids, known.most).map(part => askMany(part, known, call)))).flat()
    }
    if (answer === 'not understood') {
      if (known.dialects[0] === dialect) known.dialects = others
      return askMany(ids, known, call)
    }
    return ids.map(id => lookUp(id, answer))
  }

  async function post(ids: readonly string[], dialect: Dialect, call: DrsObjectOptions): Promise<ReadBulk | 'too many' | 'not understood'> {
    try {
      const answer = readBulk(await ports.post({ [dialect]: ids }, call))
      if (answer === undefined) return 'not understood'
      return (answer.requested ?? answer.resolved.size + answer.unresolved.size) < ids.length ? 'not understood' : answer
    } catch (error) {
      if (error instanceof ApiError && error.code === 'too_large') return 'too many'
      if (error instanceof ApiError && error.status !== undefined && NOT_UNDERSTOOD.has(error.status)) return 'not understood'
      throw error
    }
  }

  async function askEach(ids: readonly string[], call: DrsObjectOptions): Promise<readonly DrsLookup[]> {
    const answers: DrsLookup[] = []
    const rest = ids.entries()
    // All of them take from one list.
    const work = async (): Promise<void> => {
      for (const [at, id] of rest) answers[at] = await askOne(id, call)
    }
    await Promise.all(Array.from({ length: Math.min(REQUESTS_AT_ONCE, ids.length) }, work))
    return answers
  }

  const askOne = async (id: string, call: DrsObjectOptions): Promise<DrsLookup> => {
    try {
      return { outcome: 'found', object: await ports.getObject(id, call) }
    } catch (error) {
      return error instanceof ApiError && error.code === 'not_found' && error.delivery === 'refused'
        ? { outcome: 'missing' }
        : failed(error)
    }
  }

  async function askAll(ids: readonly string[], call: DrsObjectOptions): Promise<readonly DrsLookup[]> {
    if (ids.length < 2) return askEach(ids, call)
    const known = await readTraits(ids.length, call)
    const first = ids.slice(0, known.most)
    // What the server understands is found out by the first; the others go out together.
    const answers = await askMany(first, known, call)
    const others = partsOf(ids.slice(first.length), known.most).map(part =>
      askMany(part, known, call).catch((error: unknown) => part.map(() => failed(error))),
    )
    return [...answers, ...(await Promise.all(others)).flat()]
  }

  return async (ids, call) => {
    const distinct = [...new Set(ids)]
    const answers = await askAll(distinct, call).catch((error: unknown) => distinct.map(() => failed(error)))
    return new Map(distinct.flatMap((id, at) => (answers[at] ? [[id, answers[at]] as const] : [])))
  }
}

function lookUp(id: string, { resolved, unresolved }: ReadBulk): DrsLookup {
  const object = resolved.get(id)
  if (object !== undefined) return { outcome: 'found', object }
  const status = unresolved.get(id)
  if (status !== undefined && MISSING.has(status)) return { outcome: 'missing' }
  return failed(new ApiError('unreadable', `The server says nothing of object ${id}`, { status }))
}

function failed(error: unknown): DrsLookup {
  if (error instanceof ApiError) return { outcome: 'failed', error }
  return { outcome: 'failed', error: new ApiError('unreadable', 'The answer could not be read', { cause: error }) }
}

function partsOf(ids: readonly string[], most: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / most) }, (_, part) => ids.slice(part * most, (part + 1) * most))
}

/** `1.3.0experimental`, `1.4`. */
function isBefore15(version = ''): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  return Number(major) < 1 || (Number(major) === 1 && Number(minor) < 5)
}
