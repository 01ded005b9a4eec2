/**
 * Where the bytes of one file come from, and how people are told of it.
 */
import { shown } from './http-exchange.ts'

export interface Source {
  /** For people: without what may be secret in it. */
  readonly name: string
  readonly origin: string
  /** The address to ask now. One that carries a signature is made anew for each request, so that none is over before its file is whole. */
  readonly address: () => Promise<URL>
  /** What is to be done about an answer with this status, where this source knows better than others. */
  readonly fix?: ((status: number) => string | undefined) | undefined
}

/** A file that is asked for as it is named. */
export function plainSource(url: URL): Source {
  return { name: shown(url), origin: url.origin, address: async () => url }
}
