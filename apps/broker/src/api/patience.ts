/**
 * How long clients may take, ms: whoever sends slower holds a connection for nothing and is cut off with 408.
 */
export interface Patience {
  /** For a request line and all headers. */
  readonly headersMs: number
  /** For a whole request; a part of an upload has as long as its bytes take. */
  readonly requestMs: number
  /** Between two pieces of a body. */
  readonly bodyMs: number
  /** Between two requests of a connection. */
  readonly idleMs: number
  /** Between two looks at who takes too long. */
  readonly checkMs: number
}

export const PATIENCE: Patience = { headersMs: 15_000, requestMs: 120_000, bodyMs: 15_000, idleMs: 65_000, checkMs: 5_000 }
