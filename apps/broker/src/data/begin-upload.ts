/**
 * The begin of an upload: at the store of its location, then here. Whoever has hung up never hears its id, so that nothing stays of theirs.
 */
import { randomUUID } from 'node:crypto'
import type { Principal } from '../auth/principal.ts'
import type { NewUpload, UploadId, UploadRow } from '../stores/upload-store.ts'
import { planParts } from './plan-parts.ts'
import type { UploadParts } from './store-uploads.ts'
import type { UploadAnswer, Uploads } from './uploads.ts'
import { CANNOT, failed, type WritableStore, writableAt } from './writable-store.ts'

const LIFE_MS = 7 * 24 * 3_600_000
const MOST_OF_A_PERSON = 100
const BEGIN_MS = 30_000
const END_MS = 10_000
const TOO_MANY = { outcome: 'tooMany', most: MOST_OF_A_PERSON } as const

type Parts = Pick<UploadParts, 'store' | 'stores' | 'now'>

export function createBegin({ store, stores, now }: Parts, end: Uploads['end']): Uploads['begin'] {
  /** Ended at the store where it could not be noted. */
  async function note(
    principal: Principal,
    { uploads }: WritableStore,
    upload: NewUpload,
    createdAt: number,
  ): Promise<'created' | 'tooMany'> {
    let outcome: 'created' | 'tooMany' | undefined
    try {
      const answer = await store.execute({ kind: 'createUpload', principal, upload, most: MOST_OF_A_PERSON, now: createdAt })
      outcome = answer.outcome
      return outcome
    } finally {
      if (outcome !== 'created') await uploads.abort({ url: upload.url, id: upload.storeId }, AbortSignal.timeout(END_MS))
    }
  }

  return async (principal, { project, name, url, bytes, replace }, signal) => {
    const place = writableAt(stores.at(url))
    if (place === undefined) return failed(undefined, CANNOT)
    const { location } = place.store
    // Before the store is asked for anything; it is counted once more where it is noted.
    if (store.countUploads(principal, now()) >= MOST_OF_A_PERSON) return TOO_MANY
    if (!replace) {
      const there = await place.store.head(url, signal)
      if (there.outcome === 'found') return { outcome: 'exists' }
      if (there.outcome === 'failed') return failed(location, there.failure)
    }
    // Not with the client's signal: whoever hangs up would leave at the store what nobody here has heard of.
    const begun = await place.uploads.begin(url, AbortSignal.timeout(BEGIN_MS))
    if (begun.outcome !== 'found') return failed(location, begun.outcome === 'failed' ? begun.failure : CANNOT)
    const { id: storeId } = begun.value
    const createdAt = now()
    const id = randomUUID() as string as UploadId
    const partBytes = planParts(bytes, place.uploads.mostParts)
    const upload = { id, project, location, name, url, storeId, bytes, partBytes, replace, expiresAt: createdAt + LIFE_MS }
    if ((await note(principal, place, upload, createdAt)) === 'tooMany') return TOO_MANY
    const { issuer, subject } = principal
    const row: UploadRow = { ...upload, owner: { issuer, subject }, createdAt }
    if (signal.aborted) await end(principal, row, 'aborted', AbortSignal.timeout(END_MS))
    return { outcome: 'done', value: row } satisfies UploadAnswer<UploadRow>
  }
}
