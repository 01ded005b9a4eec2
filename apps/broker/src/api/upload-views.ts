/**
 * Uploads as they are shown, and what keeps them from going on as refusals.
 */
import type { ObjectFacts, StoredPart } from '../data/object-store.ts'
import type { UploadAnswer } from '../data/uploads.ts'
import type { UploadRow } from '../stores/upload-store.ts'
import type { ListedUpload, Upload, UploadedObject } from './data-schemas.ts'
import { Refusal } from './refusal.ts'

export function showUpload(row: UploadRow, delivery: Upload['delivery'], parts: readonly StoredPart[]): Upload {
  const { id, project, url, bytes, partBytes, expiresAt } = row
  return {
    id,
    project,
    url,
    bytes,
    part_bytes: partBytes,
    delivery,
    parts: parts.map(({ number, bytes, etag }) => ({ number, bytes, etag })),
    expires_at: new Date(expiresAt).toISOString(),
  }
}

/** As a list shows it: no store is asked which parts are there. */
export function showListed(row: UploadRow, delivery: Upload['delivery']): ListedUpload {
  const { id, project, name, url, bytes, partBytes, replace, createdAt, expiresAt } = row
  return {
    id,
    project,
    name,
    url,
    bytes,
    part_bytes: partBytes,
    delivery,
    replace,
    begun_at: new Date(createdAt).toISOString(),
    expires_at: new Date(expiresAt).toISOString(),
  }
}

export function showObject({ url, bytes, etag, digests }: ObjectFacts): UploadedObject {
  return { url, bytes, ...(etag !== undefined && { etag }), ...(digests.length > 0 && { checksums: [...digests] }) }
}

/** How many parts a refusal names. */
const NAMED = 20

/** What there is, or the refusal that fits. */
export function requireDone<T>(answer: UploadAnswer<T>): T {
  switch (answer.outcome) {
    case 'done':
      return answer.value
    case 'exists':
      throw new Refusal('upload-exists')
    case 'gone':
      throw new Refusal('upload-unknown', 'The store does not know this upload any more')
    case 'tooMany':
      throw new Refusal('too-many-uploads', `You have ${answer.most} uploads under way, as many as one person may have`)
    case 'incomplete':
      throw new Refusal('upload-incomplete', describeMissing(answer.parts))
    case 'failed':
      throw refuseFailed(answer)
  }
}

function describeMissing(parts: readonly number[]): string {
  const more = parts.length > NAMED ? ` and ${parts.length - NAMED} more` : ''
  return `These parts are missing, or have another size than they must: ${parts.slice(0, NAMED).join(', ')}${more}`
}

function refuseFailed({ location, failure }: Extract<UploadAnswer<never>, { readonly outcome: 'failed' }>): Refusal {
  const where = location === undefined ? 'Nothing can be put there' : `The location ${location} cannot be written to now`
  return new Refusal('location-unavailable', `${where}: ${failure.detail}`, { headers: { 'Retry-After': '10' } })
}
