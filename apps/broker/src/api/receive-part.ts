/**
 * Takes one part of an upload through this process, as it comes: one of so many at once, at a pace that holds no place from others, and only as long as
 * who sends it still may.
 */
import { HttpProblem } from '@portolan/tes/server'
import type { Request, Response } from 'express'
import type { StoredPart } from '../data/object-store.ts'
import type { DataObserver } from '../data/observer.ts'
import type { Uploads } from '../data/uploads.ts'
import type { UploadRow } from '../stores/upload-store.ts'
import { exchangeOf } from './exchange.ts'
import type { NotePassing } from './free-buffers.ts'
import { readPartBody } from './part-body.ts'
import { readPartHead } from './read-upload-request.ts'
import { Refusal } from './refusal.ts'
import type { RelayPlaces } from './relay-places.ts'
import { requireDone } from './upload-views.ts'
import { type Asking, watchRights } from './watch-rights.ts'

export interface PartReceiverParts {
  readonly uploads: Pick<Uploads, 'deliveryOf' | 'write'>
  readonly observer: Pick<DataObserver, 'relayed'>
  readonly notePassing: NotePassing
  readonly places: RelayPlaces
  /** How long a client may stand still in the middle of a part. */
  readonly stillMs: number
  /** Between two looks at whether they still may. */
  readonly judgeMs: number
}

/** Throws the refusal that fits. */
export type ReceivePart = (request: Request, response: Response, upload: UploadRow, asking: Asking) => Promise<StoredPart>

/** So long one waits for a place. */
const PLACE_MS = 30_000

export function createPartReceiver({ uploads, observer, notePassing, places, stillMs, judgeMs }: PartReceiverParts): ReceivePart {
  async function send(request: Request, response: Response, upload: UploadRow, asking: Asking): Promise<StoredPart> {
    const { number, bytes } = readPartHead(String(request.params.number), request.headers, upload)
    if (uploads.deliveryOf(upload) === 'direct') throw new Refusal('part-elsewhere')
    const gone = new AbortController()
    response.once('close', () => gone.abort(new Error('The client has gone')))
    const give = await places.take(asking, PLACE_MS, gone.signal)
    if (give === undefined) throw new Refusal('relay-busy', undefined, { headers: { 'Retry-After': '10' } })
    const body = readPartBody(request, stillMs, notePassing)
    const stopWatching = watchRights(response, asking, judgeMs)
    try {
      const answer = await uploads.write(upload, number, body.bytes, bytes, gone.signal)
      if (body.isLate()) throw tooLate(request, response)
      return requireDone(answer)
    } finally {
      stopWatching()
      observer.relayed('up', body.passed())
      give()
    }
  }

  return async (request, response, upload, asking) => {
    const exchange = exchangeOf(request)
    // Who waits here for a place or for the store is not late, and a slow line takes its time.
    exchange.ownPace = true
    try {
      return await send(request, response, upload, asking)
    } finally {
      exchange.ownPace = false
    }
  }
}

function tooLate(request: Request, response: Response): HttpProblem {
  response.once('finish', () => request.destroy())
  return new HttpProblem(408, 'Too little of the part has come for too long. Send it again.')
}
