/**
 * Uploads to an HTTP data server: one part, the whole file, by one PUT through this process, after which it is there for everybody, and nothing takes
 * it back. The upload remembers in its id what stood there when it began, so that nothing is kept here; what is there later and is another version is
 * what has arrived. Of two uploads of one name and size that are under way at once the one that is sent last stays.
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
const WHOLE = unsupported('a file goes to this location whole, as its only part')
const CHANGED = { outcome: 'changed' } as const

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

  async function put(upload: MultipartUpload, body: ReadableStream<Uint8Array>, bytes: number, signal: AbortSignal) {
    const url = addressOf(upload.url)
    if (url === undefined) return WHOLE
    const there = await look(upload.url, signal)
    if (there.outcome !== 'found') return there
    // What has come in the meantime is this file, sent before, or somebody else's.
    const isOurs = there.value === undefined || versionOf(there.value) === upload.id || there.value.bytes === bytes
    if (!isOurs) return CHANGED
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(bytes), ...conditionOf(there.value) }
    return stream({ method: 'PUT', url, headers, body }, signal, async response => {
      await response.body?.cancel()
      return found({ number: ONLY_PART, bytes, etag: response.headers.get('etag') ?? '' })
    })
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
      const answer = part === ONLY_PART ? await put(upload, body, bytes, signal) : WHOLE
      if (!body.locked) await body.cancel()
      return answer
    },
    async complete(upload, _parts, replace, signal) {
      if (!replace && upload.id !== NOTHING) return CHANGED
      const now = await arrived(upload, signal)
      if (now.outcome !== 'found') return now
      return now.value ? found(now.value) : { outcome: 'missing' }
    },
    async abort(upload, signal) {
      const now = await arrived(upload, signal)
      // What has arrived stays: there is nothing under way any more that could be given up.
      if (now.outcome === 'found' && now.value) return { outcome: 'missing' }
      return now.outcome === 'found' ? found(undefined) : now
    },
  }
}

/** The same text for the same file, as far as its server tells files apart: a tag may be the same for the same bytes, put there once more. */
function versionOf(facts: ObjectFacts | undefined): string {
  if (facts === undefined) return NOTHING
  return `${facts.etag ?? ''} ${facts.bytes} bytes of ${facts.modifiedAt ?? 'unknown time'}`
}

/** A file that somebody else puts there from now on is not written over, where the server looks at conditions. */
function conditionOf(there: ObjectFacts | undefined): Readonly<Record<string, string>> {
  if (there === undefined) return { 'if-none-match': '*' }
  return there.etag === undefined ? {} : { 'if-match': there.etag }
}
