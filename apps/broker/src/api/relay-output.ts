/**
 * Sends the bytes of an output through this process, as they come: a part or the whole, of the version that was measured. A person who reads slowly
 * slows the store down and costs no memory; one who has gone ends what the store sends.
 */
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import type { ObjectStore, OpenedObject } from '../data/object-store.ts'
import type { DataObserver } from '../data/observer.ts'
import { readRange } from './byte-range.ts'
import { refuseChanged, refuseFailed } from './find-output.ts'
import { Refusal } from './refusal.ts'
import type { RelayPlaces } from './relay-places.ts'

export interface RelayedOutput {
  readonly store: ObjectStore
  readonly url: string
  readonly bytes: number
  /** Of the version that was measured. */
  readonly etag?: string | undefined
  /** What the file is to be called. */
  readonly name: string
}

export interface RelayParts {
  readonly places: RelayPlaces
  readonly observer: Pick<DataObserver, 'relayed'>
}

export type Relay = (request: Request, response: Response, output: RelayedOutput) => Promise<void>

/** What a store names its versions by is put into a header only where it is one. */
const ETAG = /^"[\x21\x23-\x7e]{0,200}"$/
/** A place is waited for so long, and a person who takes nothing is waited for so long. */
const PLACE_MS = 30_000
const IDLE_MS = 60_000

export function createRelay({ places, observer }: RelayParts): Relay {
  async function send(request: Request, response: Response, output: RelayedOutput, signal: AbortSignal): Promise<void> {
    const { store, url, bytes, etag } = output
    const part = readRange(mayBePart(request, etag) ? request.headers.range : undefined, bytes)
    response.setHeader('Accept-Ranges', 'bytes')
    response.setHeader('Content-Type', 'application/octet-stream')
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Content-Disposition', `attachment; filename*=UTF-8''${encodeURIComponent(output.name.toWellFormed())}`)
    if (etag !== undefined && ETAG.test(etag)) response.setHeader('ETag', etag)
    if (part === 'none') {
      response.statusCode = 416
      response.setHeader('Content-Range', `bytes */${bytes}`)
      response.end()
      return
    }
    const range = part === 'whole' ? undefined : part
    const length = range === undefined ? bytes : range.last - range.first + 1
    if (request.method === 'HEAD') {
      describe(response, range, length, bytes)
      response.end()
      return
    }
    const opened = await store.read(url, range, etag, signal)
    if (opened.outcome === 'failed') throw refuseFailed(store.location, opened.failure)
    if (opened.outcome !== 'found') throw refuseChanged()
    if (opened.value.total !== bytes || opened.value.length !== length) {
      await opened.value.bytes.cancel()
      throw refuseChanged()
    }
    describe(response, range, length, bytes)
    await pass(opened.value, response, signal)
  }

  /** What breaks off once bytes are out is seen by the person as an answer that is too short, and asked for again from there. */
  async function pass({ bytes }: OpenedObject, response: Response, signal: AbortSignal): Promise<void> {
    let passed = 0
    response.setTimeout(IDLE_MS, () => response.destroy())
    await pipeline(
      async function* () {
        for await (const chunk of bytes) {
          passed += chunk.length
          yield chunk
        }
      },
      response,
      { signal },
    ).catch(() => response.destroy())
    observer.relayed('down', passed)
  }

  return async (request, response, output) => {
    const gone = new AbortController()
    response.once('close', () => gone.abort(new Error('The client has gone')))
    const give = await places.take(PLACE_MS, gone.signal)
    if (give === undefined) {
      if (gone.signal.aborted) return
      throw new Refusal('relay-busy', undefined, { headers: { 'Retry-After': '10' } })
    }
    try {
      await send(request, response, output, gone.signal)
    } finally {
      give()
    }
  }
}

function describe(
  response: Response,
  range: { readonly first: number; readonly last: number } | undefined,
  length: number,
  total: number,
): void {
  response.statusCode = range === undefined ? 200 : 206
  if (range !== undefined) response.setHeader('Content-Range', `bytes ${range.first}-${range.last}/${total}`)
  response.setHeader('Content-Length', length)
}

/** A part only of the version that the person has the rest of. Throws if they want another version or nothing. */
function mayBePart({ headers }: Request, etag: string | undefined): boolean {
  const { 'if-match': wanted, 'if-range': known } = headers
  if (wanted !== undefined && wanted !== '*' && !wanted.split(',').some(one => one.trim() === etag)) throw refuseChanged()
  return known === undefined || known === etag
}
