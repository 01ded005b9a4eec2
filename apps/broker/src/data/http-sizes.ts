/**
 * Asks an HTTP data server how large things are: HEAD, or where that tells nothing the first byte of a range; a directory by the JSON index
 * that our own data servers give. Asks only the origin that the location declares, sixteen requests at once, with the location's credential.
 */
import PQueue from 'p-queue'
import * as z from 'zod/mini'
import type { Access } from '../http/access.ts'
import { withFreshToken } from '../http/fresh-token.ts'
import type { Measured, Size } from './size-cache.ts'

export interface HttpSizes {
  /** Never rejects. A URL of another origin is `unknown`: it is not asked. One that ends in `/` is a directory, said or not. */
  measure(url: string, directory: boolean): Promise<Measured>
  [Symbol.asyncDispose](): Promise<void>
}

export interface HttpSizesOptions {
  readonly origin: string
  readonly access: Access
}

const REQUESTS_AT_ONCE = 16
const MOST_WAITING = 50_000
const REQUEST_MS = 10_000
const MOST_ENTRIES = 100_000
const MOST_LEVELS = 32

const DirectoryIndex = z.object({
  entries: z.array(
    z.object({
      name: z.string().check(z.regex(/^(?!\.{1,2}$)[^/\\]+$/)),
      type: z.enum(['FILE', 'DIRECTORY']),
      size: z.optional(z.int().check(z.nonnegative())),
    }),
  ),
})

export function createHttpSizes({ origin, access: { fetch, auth } }: HttpSizesOptions): HttpSizes {
  const queue = new PQueue({ concurrency: REQUESTS_AT_ONCE })
  const closing = new AbortController()

  async function send(method: 'GET' | 'HEAD', url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(REQUEST_MS)])
    const credential = auth ? await auth({ url: new URL(url), signal }) : {}
    // Coded bodies would tell the size of the code.
    return fetch(url, { method, headers: { 'accept-encoding': 'identity', ...headers, ...credential }, signal })
  }

  const ask = (method: 'GET' | 'HEAD', url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    withFreshToken(() => queue.add(() => send(method, url, headers), { signal: closing.signal }))

  async function measureFile(url: string): Promise<Measured> {
    const head = await ask('HEAD', url)
    if (isMissing(head)) return 'missing'
    const length = head.ok && !head.headers.has('content-encoding') ? readLength(head.headers.get('content-length')) : undefined
    if (length !== undefined) return { bytes: length, files: 1 }
    const range = await ask('GET', url, { range: 'bytes=0-0' })
    if (isMissing(range)) return 'missing'
    const total = range.status === 206 || range.status === 416 ? readLength(range.headers.get('content-range')?.split('/')[1]) : undefined
    return total === undefined ? 'unknown' : { bytes: total, files: 1 }
  }

  async function measureDirectory(url: string): Promise<Measured> {
    let bytes = 0
    let files = 0
    let entries = 0
    let level = [url.endsWith('/') ? url : `${url}/`]
    for (let depth = 0; level.length > 0; depth++) {
      if (depth >= MOST_LEVELS) return 'unknown'
      const indexes = await Promise.all(level.map(readIndex))
      const next: string[] = []
      for (const [at, index] of indexes.entries()) {
        if (typeof index === 'string') return depth === 0 ? index : 'unknown'
        entries += index.entries.length
        if (entries > MOST_ENTRIES) return 'unknown'
        for (const { name, type, size } of index.entries) {
          if (type === 'DIRECTORY') next.push(`${level[at]}${encodeURIComponent(name)}/`)
          else if (size === undefined) return 'unknown'
          else {
            bytes += size
            files += 1
          }
        }
      }
      level = next
    }
    return Number.isSafeInteger(bytes) ? ({ bytes, files } satisfies Size) : 'unknown'
  }

  async function readIndex(url: string): Promise<z.infer<typeof DirectoryIndex> | 'missing' | 'unknown'> {
    const answer = await ask('GET', url, { accept: 'application/json' })
    if (isMissing(answer)) return 'missing'
    if (!answer.ok) return 'unknown'
    return DirectoryIndex.safeParse(await answer.json()).data ?? 'unknown'
  }

  return {
    async measure(url, directory) {
      const parsed = URL.parse(url)
      if (parsed?.origin !== origin || queue.size >= MOST_WAITING) return 'unknown'
      // What follows a `#` is not sent, and a directory has no query.
      parsed.hash = ''
      try {
        const isDirectory = (directory || parsed.pathname.endsWith('/')) && parsed.search === ''
        return isDirectory ? await measureDirectory(parsed.href) : await measureFile(parsed.href)
      } catch {
        return 'unknown'
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('The broker is closing'))
      queue.clear()
      await queue.onIdle()
    },
  }
}

function isMissing({ status }: Response): boolean {
  return status === 404 || status === 410
}

function readLength(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined || !/^\d+$/.test(text)) return undefined
  const length = Number(text)
  return Number.isSafeInteger(length) ? length : undefined
}
