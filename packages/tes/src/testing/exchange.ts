/**
 * One request to a fake site and what it answers.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { FakeOperation } from './script.ts'

export interface FakeRequest {
  readonly operation: Exclude<FakeOperation, 'any'> | 'unknown'
  readonly method: string
  /** Path and query as they came. */
  readonly url: string
  readonly id?: string | undefined
  readonly headers: Readonly<IncomingHttpHeaders>
  readonly body: string
  /** When it came. */
  readonly at: number
}

export interface Reply {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export function textOf(body: unknown): string {
  return typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)
}
