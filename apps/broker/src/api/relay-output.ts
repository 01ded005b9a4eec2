/**
 * Sends the bytes of an output through this process, as they come: a part or the whole, of the version that was measured. A person who reads slowly
 * slows the store down and costs no memory; one who takes next to nothing holds a place from others, and is cut off; one who has gone, or may not have
 * the bytes any more, ends what the store sends.
 */
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import type { OpenedObject } from '../data/object-store.ts'
import type { DataObserver } from '../data/observer.ts'
import { readRange } from './byte-range.ts'
import { type DeliverableOutput, refuseChanged, refuseFailed, requireUnchanged } from './find-output.ts'
import type { NotePassing } from './free-buffers.ts'
import { createPace } from './pace.ts'
import { Refusal } from './refusal.ts'
import type { RelayPlaces } from './relay-places.ts'
import { type Asking, watchRights } from './watch-rights.ts'

export interface RelayParts {
  readonly places: RelayPlaces
  readonly observer: Pick<DataObserver, 'relayed'>
  readonly notePassing: NotePassing
  /** In so long a person has to take so much as slow lines carry. */
  readonly paceMs: number
  /** Between two looks at whether they still may. */
  readonly judgeMs: number
}

export type Relay = (request: Request, response: Response, found: DeliverableOutput, asking: Asking) => Promise<void>

/** What a store names its versions by is put into a header only where it is one. */
const ETAG = /^"[\x21\x23-\x7e]{0,200}"$/
/** So long one waits for a place. */
const PLACE_MS = 30_000

export function createRelay({ places, observer, notePassing, paceMs, judgeMs }: RelayParts): Relay {
  async function send(response: Response, found: DeliverableOutput, part: Part, signal: AbortSignal): Promise<void> {
    const { output, bytes, store } = found
    // Where no version can be asked for, another file of the same size would be taken for it.
    if (output.etag === undefined) await requireUnchanged(found, signal)
    const opened = await store.read(output.url, part.range, output.etag, signal)
    if (opened.outcome === 'failed') throw refuseFailed(store.location, opened.failure)
    if (opened.outcome !== 'found') throw refuseChanged()
    if (opened.value.total !== bytes || opened.value.length !== part.length) {
      await opened.value.bytes.cancel()
      throw refuseChanged()
    }
    describe(response, found, part)
    await pass(opened.value, response, signal)
  }

  /** What breaks off once bytes are out is seen by the person as an answer that is too short, and asked for again from there. */
  async function pass({ bytes, length }: OpenedObject, response: Response, signal: AbortSignal): Promise<void> {
    let passed = 0
    const pace = createPace(paceMs, () => response.destroy())
    await pipeline(
      async function* () {
        for await (const chunk of bytes) {
          // What a store sends beyond what it has promised would be read as the next answer on this connection.
          if (passed + chunk.length > length) throw new Error('The store sends more than it has promised')
          passed += chunk.length
          notePassing(chunk.length)
          pace.begin()
          yield chunk
          pace.end(chunk.length)
        }
        // Whoever waits for the rest would wait for ever.
        if (passed < length) throw new Error('The store sends less than it has promised')
        pace.begin()
      },
      response,
      { signal },
    ).catch(() => response.destroy())
    pace.end(0)
    observer.relayed('down', passed)
  }

  return async (request, response, found, asking) => {
    const part = readPart(request, found)
    if (part === 'none') return refuseRange(response, found)
    if (request.method === 'HEAD') {
      describe(response, found, part)
      response.end()
      return
    }
    const gone = new AbortController()
    response.once('close', () => gone.abort(new Error('The client has gone')))
    const give = await places.take(asking, PLACE_MS, gone.signal)
    if (give === undefined) {
      if (gone.signal.aborted) return
      throw new Refusal('relay-busy', undefined, { headers: { 'Retry-After': '10' } })
    }
    const stopWatching = watchRights(response, asking, judgeMs)
    try {
      await send(response, found, part, gone.signal)
    } finally {
      stopWatching()
      give()
    }
  }
}

interface Part {
  /** Absent: the whole. */
  readonly range?: { readonly first: number; readonly last: number }
  readonly length: number
}

function readPart(request: Request, { output, bytes }: DeliverableOutput): Part | 'none' {
  const range = readRange(mayBePart(request, output.etag) ? request.headers.range : undefined, bytes)
  if (range === 'none') return range
  return range === 'whole' ? { length: bytes } : { range, length: range.last - range.first + 1 }
}

/** A part only of the version that the person has the rest of. Throws if they want another version or nothing. */
function mayBePart({ headers }: Request, etag: string | undefined): boolean {
  const { 'if-match': wanted, 'if-range': known } = headers
  if (wanted !== undefined && wanted !== '*' && !wanted.split(',').some(one => one.trim() === etag)) throw refuseChanged()
  return known === undefined || known === etag
}

function describe(response: Response, { output, bytes }: DeliverableOutput, { range, length }: Part): void {
  response.statusCode = range === undefined ? 200 : 206
  const name = output.path.split('/').at(-1) ?? ''
  response.setHeader('Content-Type', 'application/octet-stream')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Content-Disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name.toWellFormed())}`)
  if (output.etag !== undefined && ETAG.test(output.etag)) response.setHeader('ETag', output.etag)
  response.setHeader('Accept-Ranges', 'bytes')
  if (range !== undefined) response.setHeader('Content-Range', `bytes ${range.first}-${range.last}/${bytes}`)
  response.setHeader('Content-Length', length)
}

function refuseRange(response: Response, { bytes }: DeliverableOutput): void {
  response.statusCode = 416
  response.setHeader('Accept-Ranges', 'bytes')
  response.setHeader('Content-Range', `bytes */${bytes}`)
  response.end()
}
