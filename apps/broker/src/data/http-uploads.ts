/**
 * Uploads to an HTTP data server: one part, the whole file, by one PUT through this process. The upload remembers in its id what stood there when it
 * began, so that nothing is kept here; what is there later and is another version is what has arrived.
 */
import type { HttpAsk } from './http-store.ts'
import type { MultipartUpload, ObjectFacts, ObjectStore, ObjectUploads, StoreAnswer } from './object-store.ts'
import { found, unsupported } from './store-failure.ts'

export interface HttpUploadsOptions {
  readonly head: ObjectStore['head']
  readonly stream: HttpAsk
  /** As it is sent; undefined for what lies elsewhere. */
  readonly addressOf: (url: string) => string | undefined
}

const NOTHING = 'nothing'
const ONLY_PART = 1

export function createHttpUploads({ head, stream, addressOf }: HttpUploadsOptions): ObjectUploads {
  /** What stands there now; undefined for nothing. */
  async function look(url: string, signal: AbortSignal): Promise<StoreAnswer<ObjectFacts | undefined>> {
    const answer = await head(url, signal)
    return answer.outcome === 'missing' ? found(undefined) : answer
  }

  /** What has arrived since the upload began. */
  async function arrived(upload: MultipartUpload, signal: AbortSignal): Promise<StoreAnswer<ObjectFacts | undefined>> {
    const now = await look(upload.url, signal)
    return now.outcome === 'found' && versionOf(now.value) === upload.id ? found(undefined) : now
  }

  return {
    mostParts: 1,
    async begin(url, signal) {
      const before = await look(url, signal)
      return before.outcome === 'found' ? found({ url, id: versionOf(before.value) }) : before
    },
    async parts(upload, signal) {
      const now = await arrived(upload, signal)
      if (now.outcome !== 'found') return now
      return found(now.value ? [{ number: ONLY_PART, bytes: now.value.bytes, etag: now.value.etag ?? '' }] : [])
    },
    async write(upload, part, body, bytes, signal) {
      const url = addressOf(upload.url)
      const answer =
        url === undefined || part !== ONLY_PART
          ? unsupported('a file goes to this location whole, as its only part')
          : await stream(
              {
                method: 'PUT',
                url,
                headers: { 'content-type': 'application/octet-stream', 'content-length': String(bytes), ...conditionOf(upload) },
                body,
              },
              signal,
              async response => {
                await response.body?.cancel()
                return found({ number: ONLY_PART, bytes, etag: response.headers.get('etag') ?? '' })
              },
            )
      if (!body.locked) await body.cancel()
      return answer
    },
    async complete(upload, _parts, replace, signal) {
      if (!replace && upload.id !== NOTHING) return { outcome: 'changed' }
      const now = await arrived(upload, signal)
      if (now.outcome !== 'found') return now
      return now.value ? found(now.value) : { outcome: 'missing' }
    },
    // What has arrived whole stays.
    abort: async () => found(undefined),
  }
}

/** The same text for the same file, as far as its server tells files apart. */
function versionOf(facts: ObjectFacts | undefined): string {
  if (facts === undefined) return NOTHING
  return facts.etag ?? `${facts.bytes} bytes of ${facts.modifiedAt ?? 'unknown time'}`
}

/** A file that somebody else has put there since is not written over, where the server looks at conditions. */
function conditionOf({ id }: MultipartUpload): Readonly<Record<string, string>> {
  if (id === NOTHING) return { 'if-none-match': '*' }
  return id.startsWith('"') ? { 'if-match': id } : {}
}
