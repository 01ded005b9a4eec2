/**
 * The script of a fake site: which requests go wrong, and how. Each entry is used up after `times` requests.
 */
export type FakeOperation = 'service-info' | 'create' | 'get' | 'list' | 'cancel' | 'any'

export type Effect =
  /** Answer this instead. `committed`: the request is carried out first (a 502 after commit). */
  | {
      readonly do: 'answer'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: unknown
      readonly committed?: boolean
    }
  /** Cut the connection without an answer. */
  | { readonly do: 'hang-up'; readonly committed?: boolean }
  /** Carry it out, and hold the answer back for so many milliseconds, or until `release()`. */
  | { readonly do: 'hold'; readonly ms?: number | (() => number) }
  /** Hold the request back until `release()`, then carry it out, whether the client is still there or not. */
  | { readonly do: 'delay' }
  /** Send the answer byte by byte, with so many milliseconds between; `bytes`: cut the connection after them. */
  | { readonly do: 'drip'; readonly everyMs: number; readonly bytes?: number }

export interface Scripted {
  readonly operation: FakeOperation
  readonly effect: Effect
  /** Only requests for this task. */
  readonly id?: string | undefined
  /** Requests still to be hit. */
  left: number
}

export class Script {
  readonly #entries: Scripted[] = []
  #gate = Promise.withResolvers<void>()

  /** The next `times` requests of the operation (default 1; `Infinity` for all) meet the effect. */
  add(operation: FakeOperation, effect: Effect, { times = 1, id }: { readonly times?: number; readonly id?: string } = {}): this {
    this.#entries.push({ operation, effect, id, left: times })
    return this
  }

  /** Nothing goes wrong any more. */
  clear(): void {
    this.#entries.length = 0
  }

  /** Lets go of everything that is held or delayed now. */
  release(): void {
    this.#gate.resolve()
    this.#gate = Promise.withResolvers<void>()
  }

  /** Settles at the next `release()`. */
  get released(): Promise<void> {
    return this.#gate.promise
  }

  /** The effect on this request, which uses it up. */
  take(operation: FakeOperation, id: string | undefined): Effect | undefined {
    const entry = this.#entries.find(
      one => one.left > 0 && (one.operation === operation || one.operation === 'any') && (one.id === undefined || one.id === id),
    )
    if (!entry) return undefined
    entry.left--
    return entry.effect
  }
}
