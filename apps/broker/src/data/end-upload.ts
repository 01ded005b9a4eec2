/**
 * How an upload ends: made whole by its store, or given up there, and noted here as what it has become. One look that finds nothing says nothing:
 * while a store puts the parts together it knows the upload no more, and the object not yet. So what is asked of one upload waits for each other, is
 * carried through whoever hangs up, and only who wants to give an upload up notes that it is.
 */
import type { Principal } from '../auth/principal.ts'
import type { UploadEnd, UploadId, UploadRow } from '../stores/upload-store.ts'
import type { ObjectFacts } from './object-store.ts'
import { missingParts } from './plan-parts.ts'
import type { UploadParts } from './store-uploads.ts'
import type { UploadAnswer, Uploads } from './uploads.ts'
import { atStore, CANNOT, failed, type WritableStore } from './writable-store.ts'

/** As far as the clock of a store may be behind. */
const CLOCK_MS = 5 * 60_000
/** Large objects take minutes to be put together. */
const COMPLETE_MS = 15 * 60_000

type Parts = Pick<UploadParts, 'store' | 'now'> & { readonly placeOf: (upload: UploadRow) => WritableStore | undefined }

export function createEnds({ store, placeOf, now }: Parts): Pick<Uploads, 'complete' | 'end'> {
  const completing = new Map<UploadId, Promise<UploadAnswer<ObjectFacts>>>()

  async function note(principal: Principal, { id }: UploadRow, end: UploadEnd): Promise<void> {
    await store.execute({ kind: 'endUpload', principal, id, end, now: now() })
  }

  async function completeAt(place: WritableStore, principal: Principal, upload: UploadRow): Promise<UploadAnswer<ObjectFacts>> {
    const signal = AbortSignal.timeout(COMPLETE_MS)
    const parts = await place.uploads.parts(atStore(upload), signal)
    if (parts.outcome === 'failed') return failed(upload.location, parts.failure)
    if (parts.outcome === 'found') {
      const missing = missingParts(upload, parts.value)
      if (missing.length > 0) return { outcome: 'incomplete', parts: missing }
      const whole = await place.uploads.complete(atStore(upload), parts.value, upload.replace, signal)
      if (whole.outcome === 'failed') return failed(upload.location, whole.failure)
      if (whole.outcome === 'changed') return { outcome: 'exists' }
      if (whole.outcome === 'found') {
        await note(principal, upload, 'completed')
        return { outcome: 'done', value: whole.value }
      }
    }
    const whole = await findWhole(upload, place, signal)
    if (whole.outcome === 'done') await note(principal, upload, 'completed')
    return whole
  }

  return {
    async complete(principal, upload, signal) {
      const place = placeOf(upload)
      if (place === undefined) return failed(upload.location, CANNOT)
      if (upload.end === 'completed') return await findWhole(upload, place, signal)
      const running = completing.get(upload.id) ?? completeAt(place, principal, upload).finally(() => completing.delete(upload.id))
      completing.set(upload.id, running)
      return await running
    },
    async end(principal, upload, how, signal) {
      await completing.get(upload.id)?.catch(() => undefined)
      const place = placeOf(upload)
      // At a location that is not declared any more nobody can be asked.
      const answer = await place?.uploads.abort(atStore(upload), signal)
      if (answer?.outcome === 'failed') return failed(upload.location, answer.failure)
      const whole = place && answer?.outcome === 'missing' ? await findWhole(upload, place, signal) : undefined
      if (whole?.outcome === 'failed') return whole
      await note(principal, upload, whole?.outcome === 'done' ? 'completed' : how)
      return { outcome: 'done', value: whole?.outcome === 'done' ? 'completed' : how }
    },
  }
}

/** What lies there now, if it can be what this upload has brought. */
async function findWhole(upload: UploadRow, { store: at }: WritableStore, signal: AbortSignal): Promise<UploadAnswer<ObjectFacts>> {
  const head = await at.head(upload.url, signal)
  if (head.outcome === 'failed') return failed(at.location, head.failure)
  if (head.outcome !== 'found') return { outcome: 'gone' }
  const { bytes, modifiedAt } = head.value
  const isOurs = bytes === upload.bytes && modifiedAt !== undefined && modifiedAt >= upload.createdAt - CLOCK_MS
  return isOurs ? { outcome: 'done', value: head.value } : { outcome: 'gone' }
}
